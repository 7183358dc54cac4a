"""Every write of the portal: functions, verb first, keyword-only, the actor last.

Pages, API and commands share them.
"""
