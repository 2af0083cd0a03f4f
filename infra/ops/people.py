"""`firstline people`: who may work at the desk, in the deployment's own user pool. With an own issuer it is the issuer's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import boto3
import click

from firstline.model.person import BRANCH_DESK

from .output import say
from .stack import outputs, record, services_of

ROLES = ("agent", "lead", BRANCH_DESK, "auditor")


def groups_of(roles: Iterable[str], regions: Iterable[str]) -> tuple[str, ...]:
    """The groups of who has these roles: each role's, and for the branch desk one for each region."""
    return (*roles, *(f"{BRANCH_DESK}:{region}" for region in regions))


def add(cognito: Any, pool: str, email: str, groups: Iterable[str], password: str | None = None) -> None:
    """An account in these groups, besides those it is in; groups that do not exist are made.

    Without a password Cognito mails one to be changed at the first sign-in.
    """
    invited = {"MessageAction": "SUPPRESS"} if password else {"DesiredDeliveryMediums": ["EMAIL"]}
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    try:
        cognito.admin_create_user(UserPoolId=pool, Username=email, UserAttributes=attributes, **invited)
    except cognito.exceptions.UsernameExistsException:
        pass  # gets the groups
    if password:
        cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    for group in groups:
        try:
            cognito.create_group(UserPoolId=pool, GroupName=group)
        except cognito.exceptions.GroupExistsException:
            pass
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)


@click.group()
def people() -> None:
    """Who may work at the desk."""


@people.command("add")
@click.argument("email")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be given again.")
@click.option("--region", "regions", multiple=True, help="A region of the playbook that the branch desk shows.")
@click.option("--stack", envvar="FIRSTLINE_STACK", default="firstline", show_default=True, help="The deployed stack.")
def add_person(email: str, roles: tuple[str, ...], regions: tuple[str, ...], stack: str) -> None:
    """Invite EMAIL, or give who is there already more roles or regions."""
    if bool(regions) != (BRANCH_DESK in roles):
        raise click.ClickException("the role branch-desk needs a --region, and no other role has one")
    pool = outputs(stack)["UserPoolId"]
    if pool == "none":
        raise click.ClickException("this deployment signs in by your own issuer: give the roles there")
    record(services_of(stack), "person_added", f"{email}: {', '.join(groups_of(roles, regions))}")
    add(boto3.client("cognito-idp"), pool, email, groups_of(roles, regions))
    say(f"{email}: {', '.join(groups_of(roles, regions))}")
