//! The files that sources of credentials read, behind a trait.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

/// The most bytes of a file that are read: 1 MiB.
pub(crate) const FILE_LIMIT: u64 = 1 << 20;

/// Reads configuration and token files. A map stands in for the disk in tests.
pub trait FileReader: fmt::Debug + Send + Sync {
    /// The whole text of a file, at most 1 MiB of UTF-8.
    ///
    /// It is called from asynchronous code and may block as long as a small local file takes.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::NotFound`] when there is no such file, which a source takes for "not
    /// configured" unless the path was named; any other error is reported to the user, so it must
    /// not quote the text.
    fn read(&self, path: &Path) -> io::Result<Zeroizing<String>>;
}

/// The files of this machine, through [`std::fs`].
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemFiles;

impl FileReader for SystemFiles {
    fn read(&self, path: &Path) -> io::Result<Zeroizing<String>> {
        let file = File::open(path)?;
        let length = file.metadata()?.len().min(FILE_LIMIT);
        // Room for the whole file from the start: growing would leave copies of secrets behind.
        let room = usize::try_from(length).unwrap_or(0).saturating_add(1);
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        file.take(FILE_LIMIT.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > FILE_LIMIT {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
        }
        match String::from_utf8(std::mem::take(&mut *bytes)) {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(refused) => {
                drop(Zeroizing::new(refused.into_bytes()));
                Err(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
            }
        }
    }
}

impl<T: FileReader + ?Sized> FileReader for Arc<T> {
    fn read(&self, path: &Path) -> io::Result<Zeroizing<String>> {
        (**self).read(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_a_missing_one_told_apart() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(SystemFiles.read(&folder.join("Cargo.toml")).unwrap().contains("ack-auth"));
        assert_eq!(SystemFiles.read(&folder.join("absent")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(SystemFiles.read(folder).is_err());
    }
}
