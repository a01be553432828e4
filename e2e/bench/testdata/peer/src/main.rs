// The handler of package visit, as a Rust function with AWS's own library: it reads
// three cookies and sets two.
use lambda_http::{run, service_fn, Body, Error, Request, Response};

fn cookie<'a>(request: &'a Request, name: &str) -> &'a str {
    let lines = request.headers().get_all("cookie").iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split("; "))
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map_or("", |(_, value)| value)
}

async fn handle(request: Request) -> Result<Response<Body>, Error> {
    const ATTRIBUTES: &str = "Path=/; HttpOnly; Secure; SameSite=Lax";
    let (name, theme, cart) = (cookie(&request, "username"), cookie(&request, "theme"), cookie(&request, "cart"));
    Ok(Response::builder()
        .header("Content-Type", "text/plain; charset=utf-8")
        .header("Set-Cookie", format!("username={name}; Max-Age=2592000; {ATTRIBUTES}"))
        .header("Set-Cookie", format!("theme={theme}; {ATTRIBUTES}"))
        .body(format!("peer {name} {theme} {cart}").into())?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}
