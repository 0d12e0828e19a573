"""Rules service for the review and monitoring of budget performance goals (绩效目标审核与双监控)."""

__version__ = "0.1.0"
