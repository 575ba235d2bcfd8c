//! Answers every request without a body with the status of an upgrade, over connections that are kept. Prints its
//! address first, and ends when its standard input does.

use std::io::{Read as _, Write as _};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

fn main() -> anyhow::Result<()> {
    // A driver that is gone takes its server with it.
    std::thread::spawn(|| {
        let mut end = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut end);
        std::process::exit(0);
    });
    let body = ack_bench::bodies::status()?.json;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json;charset=utf-8\r\nx-acs-request-id: \
         0527AC9A-C899-4341-A21A-000000000001\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let answer: &'static [u8] = [head.into_bytes(), body].concat().leak();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let runtime_tasks = tokio::task::LocalSet::new();
    runtime_tasks.block_on(&runtime, async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        writeln!(std::io::stdout().lock(), "{}", listener.local_addr()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            // A client that goes away is no failure of the server.
            tokio::task::spawn_local(async move { drop(attend(stream, answer).await) });
        }
    })
}

async fn attend(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let mut received = Vec::with_capacity(4096);
    loop {
        while !received.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
        }
        received.clear();
        stream.write_all(answer).await?;
    }
}
