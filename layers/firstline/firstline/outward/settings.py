"""What a deployment tells its functions, read once per process from the environment (standard library only)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Settings:
    """The functions' environment; what a function does not use is empty. Times in seconds."""

    table_name: str = ""
    intake_queue_url: str = ""
    replies_queue_url: str = ""
    handoffs_queue_url: str = ""
    lookups_queue_url: str = ""
    urgent_lane_url: str = ""
    standard_lane_url: str = ""
    email_lane_url: str = ""
    quarantine_queue_url: str = ""
    bodies_bucket: str = ""
    playbook_bucket: str = ""
    appconfig_application: str = ""
    appconfig_environment: str = ""
    appconfig_profile: str = ""
    channel_secrets_arn: str = ""
    account_secrets: str = ""
    kms_key_arn: str = ""
    link_keys_arn: str = ""
    public_base_url: str = ""
    x_api_base_url: str = "https://api.x.com"
    graph_api_base_url: str = "https://graph.facebook.com"
    instagram_api_base_url: str = "https://graph.instagram.com"
    translation: str = "off"
    translate_endpoint_url: str = ""
    ses_configuration_set: str = ""
    mail_from: str = ""
    mails_per_second: int = 0
    reply_address: str = ""
    hold_back_seconds: int | None = None
    chat_pause_seconds: int | None = None
    shards: int = 4
    settling_seconds: int = 60
    receive_log_group: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_roles_claim: str = "cognito:groups"
    sign_in_base_url: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the variables of the same names in upper case; an empty one counts as not set."""
        source = os.environ if environment is None else environment
        values: dict[str, object] = {}
        for field in fields(cls):
            text = source.get(field.name.upper(), "")
            if text:
                values[field.name] = int(text) if "int" in str(field.type) else text
        return cls(**values)  # type: ignore[arg-type]
