"""Who may sign in: people an admin made, and people the company's single sign-on vouches for."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: an admin makes the account."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """False: there is no public sign-up."""
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """A first sign-in through the company's provider makes a person without any team."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """True: the provider decides who is let in; teams decide what they see."""
        return True
