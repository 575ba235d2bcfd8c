//! What a command takes from outside its arguments.

/// The variables, and what each is for.
pub(super) const VARIABLES: [(&str, &str); 18] = [
    (
        "ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABA_CLOUD_SECURITY_TOKEN",
        "Keys to sign with; the token goes with temporary ones. They come before every other source, unless --profile names one.",
    ),
    (
        "ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN, ALIBABA_CLOUD_OIDC_TOKEN_FILE",
        "The OIDC role of a pod (RRSA). All three are needed.",
    ),
    ("ALIBABA_CLOUD_ROLE_SESSION_NAME", "The name of the session of a role that is taken on."),
    (
        "ALIBABA_CLOUD_STS_ENDPOINT, ALIBABA_CLOUD_STS_REGION, ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED",
        "Where STS is asked for temporary keys.",
    ),
    (
        "ALIBABA_CLOUD_PROFILE",
        "The profile of the aliyun CLI, or section of the credentials file, where --profile names none.",
    ),
    ("ALIBABA_CLOUD_CONFIG_FILE", "The configuration of the aliyun CLI, in place of that below HOME."),
    ("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true leaves the profiles of the aliyun CLI out."),
    ("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", "true runs no command that a profile names."),
    ("ALIBABA_CLOUD_CREDENTIALS_FILE", "The credentials file of the SDKs, in place of that below HOME."),
    (
        "ALIBABA_CLOUD_ECS_METADATA, ALIBABA_CLOUD_ECS_METADATA_DISABLED, ALIBABA_CLOUD_IMDSV1_DISABLED",
        "The RAM role of an instance: its name; true to leave it out; true to ask version 2 of the metadata service only.",
    ),
    ("ALIBABA_CLOUD_CREDENTIALS_URI", "An address that gives keys."),
    (
        "ALIBABA_CLOUD_REGION_ID, ALIBABACLOUD_REGION_ID, ALICLOUD_REGION_ID",
        "The region, where --region names none; the first that is set counts.",
    ),
    ("ALIBABA_CLOUD_ENDPOINT", "Where to send requests, where neither --endpoint nor --network says."),
    ("ALIBABA_CLOUD_ENDPOINT_TYPE", "public or vpc, where --network does not say."),
    ("HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY", "The proxy to connect through, and the hosts that need none."),
    ("NO_COLOR", "Anything but nothing: print without colours."),
    ("TERM", "dumb: print no escape sequences."),
    ("LOGNAME, USER, USERNAME, SUDO_USER", "Who a record says has called the command."),
];

/// The files that are read without being named.
pub(super) const FILES: [(&str, &str); 2] = [
    ("~/.aliyun/config.json", "The profiles of the aliyun CLI: keys, and the region where nothing else names it."),
    ("~/.alibabacloud/credentials", "The credentials file of the SDKs."),
];
