//! Lines at the foot of a terminal that are drawn again and again.

use std::fmt;
use std::io;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use console::{Alignment, pad_str};
use indicatif::{FormattedDuration, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use tokio::time::Instant;

use crate::context::Stream;
use crate::output::printable;

/// A display of some lines, the first of which has a spinner before it and the time gone by behind it. Whoever shows
/// something decides when it is drawn; nothing is drawn, or left out, by a clock of its own.
pub(crate) struct Live {
    bar: ProgressBar,
    stderr: Stream,
    begun: Instant,
    lines: Arc<Mutex<String>>,
}

impl Live {
    pub(crate) fn new(stderr: Stream, colours: bool) -> Self {
        let lines = Arc::<Mutex<String>>::default();
        let shown = Arc::clone(&lines);
        let target =
            ProgressDrawTarget::term_like(Box::new(Terminal { stream: stderr.clone(), drawing: Mutex::default() }));
        let bar = ProgressBar::with_draw_target(None, target);
        // The templates are constants; one that is not understood would leave the default style.
        let style =
            match ProgressStyle::with_template(if colours { "{spinner:.cyan} {lines}" } else { "{spinner} {lines}" }) {
                Ok(style) => style.with_key("lines", move |_: &_, text: &mut dyn fmt::Write| {
                    // Text in memory takes whatever is written.
                    let _ = text.write_str(&shown.lock().unwrap_or_else(PoisonError::into_inner));
                }),
                Err(_) => ProgressStyle::default_spinner(),
            };
        Self { bar: bar.with_style(style), stderr, begun: Instant::now(), lines }
    }

    /// Draws these lines in place of those drawn before. What is longer than the terminal is wide is cut off.
    pub(crate) fn draw<T: AsRef<str>>(&self, lines: impl IntoIterator<Item = T>) {
        self.set(lines);
        self.bar.tick();
    }

    /// Prints a line that stays above the display, and these lines below it.
    pub(crate) fn print_above<T: AsRef<str>>(&self, line: &str, lines: impl IntoIterator<Item = T>) {
        self.set(lines);
        self.bar.println(printable(line));
    }

    /// Takes the display off the screen.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn set<T: AsRef<str>>(&self, lines: impl IntoIterator<Item = T>) {
        const SPINNER: usize = 2;
        const CUT: &str = "…";

        let width = usize::from(self.stderr.width().unwrap_or(u16::MAX));
        let elapsed = FormattedDuration(self.begun.elapsed()).to_string();
        let mut text = String::new();
        for (number, line) in lines.into_iter().enumerate() {
            let line = printable(line.as_ref());
            if number == 0 {
                let left = width.saturating_sub(SPINNER + 1 + elapsed.len());
                text.push_str(&format!("{} {elapsed}", pad_str(&line, left, Alignment::Left, Some(CUT))));
            } else {
                text.push_str(&format!("\n{}", pad_str(&line, width, Alignment::Left, Some(CUT))));
            }
        }
        *self.lines.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }
}

/// The display is gone when following ends early, too.
impl Drop for Live {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The terminal behind a stream, steered by the escape sequences of ECMA-48. Each drawing is written at once, or it would
/// be seen in the making.
struct Terminal {
    stream: Stream,
    drawing: Mutex<String>,
}

impl Terminal {
    fn add(&self, text: &str) -> io::Result<()> {
        self.drawing.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
        Ok(())
    }

    fn cursor(&self, by: usize, direction: char) -> io::Result<()> {
        if by == 0 { Ok(()) } else { self.add(&format!("\u{1b}[{by}{direction}")) }
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal").field("stream", &self.stream).finish_non_exhaustive()
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        self.stream.width().unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        self.stream.height().unwrap_or(u16::MAX)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.cursor(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.cursor(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.cursor(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.cursor(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.add(&format!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.add("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let drawing = mem::take(&mut *self.drawing.lock().unwrap_or_else(PoisonError::into_inner));
        if drawing.is_empty() { Ok(()) } else { self.stream.print(&drawing) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use indicatif::InMemoryTerm;

    use super::*;

    struct Screen(InMemoryTerm);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write_str(std::str::from_utf8(bytes).unwrap())?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_keeps_to_the_terminal_and_each_drawing_is_shown() {
        let screen = InMemoryTerm::new(4, 30);
        let stream = Stream::new(Screen(screen.clone())).on_terminal(|| Some((30, 4)));
        let live = Live::new(stream, false);
        let mut seen = Vec::new();
        for number in 1..=100 {
            live.draw([format!("drawing {number}"), "  a line that is too long for it".to_owned()]);
            assert!(screen.contents().contains(&format!("drawing {number} ")));
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
        seen.push(screen.contents());
        live.print_above("what lasts", ["正在升级控制面，请稍候，升级完成后", "  正在升级控制面，请稍候，升级完成后"]);
        seen.push(screen.contents());
        live.draw(["1", "2", "3", "4", "5", "6"]);
        seen.push(screen.contents());
        live.draw(["done"]);
        live.clear();
        seen.push(screen.contents());
        insta::assert_snapshot!(seen.join("\n---\n"), @"
            ⠄ drawing 100         00:01:39
              a line that is too long for…
            ---
            what lasts
            ⠄ 正在升级控制面，请… 00:01:40
              正在升级控制面，请稍候，升…
            ---
            ⠤ 1                   00:01:40
            2
            3
            4
            ---
            ");
    }
}
