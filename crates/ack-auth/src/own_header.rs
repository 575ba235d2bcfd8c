//! The headers that the signer writes itself.

/// One of them, in the order of their names, which is the order of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OwnHeader {
    Accept,
    Authorization,
    ContentType,
    Host,
    UserAgent,
    AccessKeyId,
    Action,
    BearerToken,
    ContentSha256,
    CredentialsProvider,
    Date,
    SecurityToken,
    SignatureNonce,
    SignatureType,
    Version,
}

impl OwnHeader {
    /// All of them. Passed as extra headers they could contradict what is signed.
    pub(crate) const ALL: [Self; 15] = [
        Self::Accept,
        Self::Authorization,
        Self::ContentType,
        Self::Host,
        Self::UserAgent,
        Self::AccessKeyId,
        Self::Action,
        Self::BearerToken,
        Self::ContentSha256,
        Self::CredentialsProvider,
        Self::Date,
        Self::SecurityToken,
        Self::SignatureNonce,
        Self::SignatureType,
        Self::Version,
    ];

    /// In lower case.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Authorization => "authorization",
            Self::ContentType => "content-type",
            Self::Host => "host",
            Self::UserAgent => "user-agent",
            Self::AccessKeyId => "x-acs-accesskey-id",
            Self::Action => "x-acs-action",
            Self::BearerToken => "x-acs-bearer-token",
            Self::ContentSha256 => "x-acs-content-sha256",
            Self::CredentialsProvider => "x-acs-credentials-provider",
            Self::Date => "x-acs-date",
            Self::SecurityToken => "x-acs-security-token",
            Self::SignatureNonce => "x-acs-signature-nonce",
            Self::SignatureType => "x-acs-signature-type",
            Self::Version => "x-acs-version",
        }
    }

    /// The place among the headers that are sent, in the order of official SDKs.
    pub(crate) const fn place(self) -> u64 {
        let place = match self {
            Self::Host => 0,
            Self::Version => 1,
            Self::Action => 2,
            Self::UserAgent => 3,
            Self::Date => 4,
            Self::SignatureNonce => 5,
            Self::Accept => 6,
            // Extra headers stand here.
            Self::ContentType => 8,
            Self::ContentSha256 => 9,
            Self::CredentialsProvider => 10,
            Self::AccessKeyId => 11,
            Self::SecurityToken => 12,
            Self::BearerToken => 13,
            Self::SignatureType => 14,
            Self::Authorization => 15,
        };
        place << 32
    }

    /// The place of an extra header, by its number among them.
    pub(crate) fn extra_place(index: usize) -> u64 {
        (7 << 32) + u64::try_from(index).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_in_the_order_of_their_names_and_each_has_a_place() {
        assert!(OwnHeader::ALL.is_sorted_by_key(|own| own.name()));
        let mut places: Vec<u64> = OwnHeader::ALL.iter().map(|own| own.place()).collect();
        places.extend([OwnHeader::extra_place(0), OwnHeader::extra_place(1)]);
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), OwnHeader::ALL.len() + 2);
        assert!(OwnHeader::Accept.place() < OwnHeader::extra_place(0));
        assert!(OwnHeader::extra_place(1) < OwnHeader::ContentType.place());
    }
}
