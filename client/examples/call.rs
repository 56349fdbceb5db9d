//! One call by method and path, with what the environment sets up: `cargo run -p swpanel --example call -- GET /services/`.
//!
//! Prints the answer as JSON, or the error in one line.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [method, path] = words.as_slice() else {
        eprintln!("usage: call METHOD PATH, as in `call GET /services/`");
        return ExitCode::from(2);
    };
    match call(method, path).await {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn call(method: &str, path: &str) -> Result<String, swpanel::Error> {
    let client = swpanel::Client::from_env()?;
    let answer = client.raw(method, path).send().await?;
    Ok(answer.to_string())
}
