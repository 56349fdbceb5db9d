//! What the client costs beside bare reqwest and serde on the same bytes: time of a call, of a long list, and
//! allocations. Prints ratios: `cargo bench -p swpanel-tests --bench client`.
//!
//! Both sides take turns within each round, so that what else the machine does hits both; the median of the rounds'
//! ratios is printed, with the range of the middle half.

#[cfg(not(reconstruction))]
fn main() {
    println!("this bench calls an operation of the reconstruction, which is not the document here");
}

#[cfg(reconstruction)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    bench::run()
}

#[cfg(reconstruction)]
mod bench {
    use std::alloc::System;
    use std::error::Error;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
    use swpanel::Client;
    use swpanel::types::OperatingSystemListResponse;

    #[global_allocator]
    static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

    const ROUNDS: usize = 41;

    /// A server that answers every request of a connection with the same bytes, at once.
    fn serve(items: usize) -> std::io::Result<String> {
        let item = |at: usize| serde_json::json!({"id_os": at.to_string(), "values": {"type": "linux", "description": format!("Debian {at}")}});
        let body = serde_json::json!({"result": (0..items).map(item).collect::<Vec<_>>()}).to_string();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        let answer = format!("{head}{body}").into_bytes();
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = format!("http://{}/v2026", listener.local_addr()?);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let answer = answer.clone();
                std::thread::spawn(move || {
                    let _ = stream.set_nodelay(true);
                    let mut buffer = [0; 8192];
                    while matches!(stream.read(&mut buffer), Ok(1..)) {
                        if stream.write_all(&answer).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Ok(address)
    }

    async fn ours(client: &Client) -> Result<usize, Box<dyn Error>> {
        let answer = client.operating_system_list().send().await?;
        Ok(answer.result.len())
    }

    async fn bare(client: &reqwest::Client, url: &str) -> Result<usize, Box<dyn Error>> {
        let answer = client.get(url).bearer_auth("a-token").header("accept", "application/json").send().await?;
        let bytes = answer.error_for_status()?.bytes().await?;
        let answer: OperatingSystemListResponse = serde_json::from_slice(&bytes)?;
        Ok(answer.result.len())
    }

    fn median(mut values: Vec<f64>) -> (f64, f64, f64) {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values.get((values.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN);
        (at(0.5), at(0.25), at(0.75))
    }

    pub(super) fn run() -> Result<(), Box<dyn Error>> {
        // The bare client wants one of the process, though it never speaks TLS here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        println!("| answer | calls a round | time to bare reqwest + serde | a call here | allocations here, bare |");
        println!("|---|---|---|---|---|");
        for (items, calls) in [(10, 400), (1000, 60), (10_000, 10)] {
            let address = serve(items)?;
            let client = Client::builder().token("a-token").base_url(&address).build()?;
            let plain = reqwest::Client::builder().no_proxy().build()?;
            let url = format!("{address}/tools/so/");
            runtime.block_on(async {
                let mut ratios = Vec::new();
                let mut fastest = Duration::MAX;
                for round in 0..ROUNDS {
                    let mut spent = [Duration::ZERO; 2];
                    for turn in 0..2 {
                        let which = (turn + round) % 2;
                        let started = Instant::now();
                        for _ in 0..calls {
                            let count = if which == 0 { ours(&client).await? } else { bare(&plain, &url).await? };
                            assert_eq!(count, items, "an answer was lost");
                        }
                        if let Some(spent) = spent.get_mut(which) {
                            *spent = started.elapsed();
                        }
                    }
                    let [ours, bare] = spent;
                    fastest = fastest.min(ours / calls);
                    ratios.push(ours.as_secs_f64() / bare.as_secs_f64());
                }
                let count = |region: Region<'_, System>| region.change().allocations;
                let region = Region::new(ALLOCATOR);
                ours(&client).await?;
                let here = count(region);
                let region = Region::new(ALLOCATOR);
                bare(&plain, &url).await?;
                let there = count(region);
                let (middle, low, high) = median(ratios);
                println!(
                    "| list of {items} | {calls} | {middle:.3} ({low:.3} to {high:.3}) | {fastest:.0?} | {here}, {there} |"
                );
                Ok::<(), Box<dyn Error>>(())
            })?;
        }
        Ok(())
    }
}
