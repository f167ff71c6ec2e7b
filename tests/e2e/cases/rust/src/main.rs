//! Answers every request with its argument, and what build.rs says.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let word = std::env::args().nth(1).unwrap_or_default() + env!("SAID_BY_BUILD");
    for stream in TcpListener::bind("0.0.0.0:8000")?.incoming() {
        let mut stream = stream?;
        let _ = stream.read(&mut [0; 4096])?;
        let mut length = itoa::Buffer::new();
        let length = length.format(word.len());
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{word}")?;
    }
    Ok(())
}
