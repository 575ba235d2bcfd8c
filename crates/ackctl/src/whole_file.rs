//! Files that a reader sees as a whole: as they were before, or as they are now.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file beside the one that is meant, and lets it take its place. What a symbolic link leads to is the one that is meant;
/// a device, or whatever the system shows as a file (`/dev/stdout`), is written to as it is and stays.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let meant = match Meant::by(path)? {
        Meant::File(meant) => meant,
        Meant::System => return OpenOptions::new().append(true).open(path)?.write_all(bytes),
    };
    let beside = beside(&meant)?;
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, &meant));
    written.inspect_err(|_| {
        // What is left of the attempt is of no use to anybody, and may not even be there.
        let _ = fs::remove_file(&beside);
    })
}

/// Tells before the work is done whether its result could be written, as far as that can be told by then.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    match Meant::by(path)? {
        Meant::File(meant) => {
            let beside = beside(&meant)?;
            File::create(&beside)?;
            fs::remove_file(&beside)
        }
        Meant::System => OpenOptions::new().append(true).open(path).map(drop),
    }
}

/// What a path stands for.
enum Meant {
    /// A regular file, or none yet, that can be replaced.
    File(PathBuf),
    /// Something of the system's.
    System,
}

impl Meant {
    fn by(path: &Path) -> io::Result<Self> {
        let problem = |problem| Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        if path.as_os_str().is_empty() {
            return problem("it names nothing: name a file");
        }
        let is_of_the_system = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => problem("it is a folder: name a file in it"),
            Ok(_) if is_of_the_system => Ok(Self::System),
            // Opening a pipe would wait for a reader.
            Ok(metadata) if !metadata.is_file() => problem("it is no regular file: name one, or none yet"),
            Ok(_) => path.canonicalize().map(Self::File),
            // A link may lead to where no file is yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::File(match fs::read_link(path) {
                Ok(leads_to) => path.with_file_name("").join(leads_to),
                Err(_) => path.to_owned(),
            })),
            Err(error) => Err(error),
        }
    }
}

/// A name in the same folder, by which no other process writes.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let file =
        path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it does not name a file"))?;
    Ok(path.with_file_name(format!(".{}.{}.tmp", file.to_string_lossy(), std::process::id())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        for text in ["one, and longer than the next", "two"] {
            check(&path).unwrap();
            write(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_what_it_leads_to_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (link, led_to) = (folder.path().join("plan.json"), folder.path().join("kept.json"));
        std::os::unix::fs::symlink("kept.json", &link).unwrap();
        for text in ["one", "two"] {
            write(&link, text.as_bytes()).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(&led_to).unwrap(), text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_written_to_and_other_things_are_left_alone() {
        use std::os::unix::fs::FileTypeExt as _;

        check(Path::new("/dev/null")).unwrap();
        write(Path::new("/dev/null"), b"one").unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());

        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [socket.as_path(), folder.path(), Path::new(""), &folder.path().join("missing/plan.json")] {
            assert!(check(path).is_err(), "{}", path.display());
            assert!(write(path, b"one").is_err(), "{}", path.display());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
