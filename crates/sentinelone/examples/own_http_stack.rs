//! Sends requests with an HTTP stack of one's own, here hyper's client without TLS, to an embedded
//! console. Retries, limits, timeouts and paging stay the SDK's.
//!
//! ```console
//! $ cargo run -p sentinelone --example own_http_stack
//! ```

use futures_util::TryStreamExt;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sentinelone::bytes::Bytes;
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Body, BoxFuture, Client, Phase, Transport, TransportError, http};
use sentinelone_sim::Simulator;

struct HyperTransport(HyperClient<HttpConnector, Full<Bytes>>);

impl Transport for HyperTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async {
            // The phase tells the retry policy, and whoever reads the error, how far it came.
            let response = self.0.request(request.map(Full::new)).await.map_err(|error| {
                let phase = if error.is_connect() { Phase::Connect } else { Phase::Head };
                TransportError::new(phase, error)
            })?;
            // The request asks for no compression, so there is nothing to undo.
            Ok(response.map(|body| {
                let chunks = body.into_data_stream();
                let chunks = chunks.map_err(|error| TransportError::new(Phase::Body, error));
                Box::pin(chunks) as Body
            }))
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let console = Simulator::builder().threats(2_500).start().await?;
    let hyper = HyperClient::builder(TokioExecutor::new()).build_http();
    let client = Client::builder()
        .url(console.url())
        .token(console.token())
        .transport(HyperTransport(hyper))
        .build()?;
    let mut count = 0;
    let mut records = client.get_threats_stream(&GetThreatsQuery::new());
    while records.try_next().await?.is_some() {
        count += 1;
    }
    println!("{count} threats through hyper");
    Ok(())
}
