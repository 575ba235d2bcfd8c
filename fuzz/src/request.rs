//! A request as text, which is what the targets about signatures take: a request line, headers, an empty line, a body.

/// A request of a fuzz input.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As it stands in the request line.
    pub(crate) path: String,
    /// As it stands in the request line.
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Reads what there is; any text is some request.
    pub(crate) fn parse(input: &[u8]) -> Self {
        let head_end = input.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = match head_end {
            Some(at) => (input.get(..at), input.get(at + 2..)),
            None => (Some(input), None),
        };
        let head = String::from_utf8_lossy(head.unwrap_or_default());
        let mut lines = head.lines();
        let line = lines.next().unwrap_or_default();
        let (method, target) = line.split_once(' ').unwrap_or((line, "/"));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = lines.filter_map(|line| line.split_once(':'));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: body.unwrap_or_default().to_vec(),
        }
    }

    /// The pairs of the query, decoded.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let pieces = self.query.split('&').filter(|piece| !piece.is_empty());
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        pieces
            .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
            .map(|(k, v)| (decoded(k), decoded(v)))
            .collect()
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}
