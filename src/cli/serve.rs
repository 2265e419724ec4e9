//! `caurlaide serve`: from settings to a running server, and back down.

use std::{future::Future, net::SocketAddr, time::Duration};

use secrecy::ExposeSecret;
use store::Store;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time::timeout,
};

use crate::{
    administration::NewToken,
    alarms::{self, Alarms},
    app::App,
    auth::Scope,
    calls,
    cli::{Failure, connect, output, place, token},
    clock::Clock,
    config::Settings,
    demo,
    http::{self, ANSWERS_KEPT},
    notices, telemetry,
};

/// What a demonstration's token may do: everything that one token can.
const DEMO_SCOPES: [Scope; 3] = [Scope::Read, Scope::Write, Scope::TenantAdmin];
/// How long a demonstration's token lives, in seconds.
const DEMO_TOKEN: i64 = 30 * 24 * 3600;
/// How long the database may take to close.
const CLOSING: Duration = Duration::from_secs(5);
/// How often histograms and statistics are looked after.
const UPKEEP: Duration = Duration::from_secs(5);
/// How often old calls and removals are forgotten.
const FORGETTING: Duration = Duration::from_mins(10);
/// How often what has ended is cleared away.
const CLEARING: Duration = Duration::from_mins(1);

pub(super) async fn serve(settings: Settings, with_demo: bool, clock: Clock, program: &str) -> Result<(), Failure> {
    telemetry::log(&settings);
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        Failure::Failed(format!("cannot listen on {}: {error}; choose another with --listen", settings.listen))
    })?;
    let store = connect(&settings).await?;
    store.migrate().await.map_err(|error| {
        Failure::Failed(format!("cannot bring the database {} up to date: {error}", place(&settings)))
    })?;
    let address = listener.local_addr().map_err(|e| Failure::Failed(format!("no address to listen on: {e}")))?;
    let public_url = settings.public_url.clone().unwrap_or_else(|| url_of(address));
    let app = App::new(store.clone(), clock.clone(), public_url.clone(), settings, telemetry::metrics());
    // From here on an interruption is answered in an orderly way.
    let mut end = Box::pin(interruption()?);
    if with_demo {
        tokio::select! {
            filled = demo::fill(&app) => filled.map_err(|error| {
                Failure::Failed(format!("the demonstration could not be filled: {error}"))
            })?,
            // Whatever is half done is rolled back, and taken up again at the next start.
            () = &mut end => return Ok(store.close().await?),
        }
    }
    // What was due while nobody was there is done before anybody is served.
    if let Err(error) = app.timers.run().await {
        tracing::warn!(%error, "what is due could not be looked for");
    }
    output::print(&greeting(&app, &store, with_demo, &clock, program).await?)?;
    let upkeep = tokio::spawn(keep_up(app.metrics.clone(), store.clone()));
    let clearing = tokio::spawn(clear_away(store.clone(), clock.clone()));
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    let forgetting = tokio::spawn(forget(store.clone(), clock.clone(), app.alarms.clone()));
    let timers = tokio::spawn(app.timers.clone().keep());
    let nights = tokio::spawn(app.timers.clone().keep_nights());
    let post = app.post.clone().map(|post| (post.clone(), tokio::spawn(post.keep())));
    let log = app.calls.clone();
    let finished = http::serve(listener, http::router(app), end).await;
    upkeep.abort();
    clearing.abort();
    forgetting.abort();
    timers.abort();
    nights.abort();
    if let Some((post, task)) = post {
        post.stop();
        // A mail that is under way then stays claimed, and is given up later.
        let _ = timeout(CLOSING, task).await;
    }
    if !log.flush().await {
        tracing::warn!("the last calls were not written down");
    }
    let closed = timeout(CLOSING, store.close()).await;
    if !finished {
        return Err(Failure::Failed("some requests did not end in time and were broken off".into()));
    }
    closed.map_err(|_| Failure::Failed("the database did not close in time".into()))??;
    tracing::info!("stopped");
    Ok(())
}

/// Where a server on that address can be reached from this machine.
fn url_of(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        return format!("http://localhost:{}", address.port());
    }
    format!("http://{address}")
}

/// Done when the process is asked to stop. A second request to stop is not waited for.
fn interruption() -> Result<impl Future<Output = ()>, Failure> {
    let listen = |kind| signal(kind).map_err(|e| Failure::Failed(format!("cannot listen for signals: {e}")));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        tracing::info!("stopping: requests that run are finished");
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            std::process::exit(1);
        });
    })
}

/// Tidies histograms and the database's idea of itself.
async fn keep_up(metrics: metrics_exporter_prometheus::PrometheusHandle, store: Store) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
        if let Err(error) = store.tidy().await {
            tracing::warn!(%error, "the database could not be tidied");
        }
    }
}

/// Forgets calls that are older than the log keeps them, and what was taken away too long ago to be given back. Has
/// the last removals looked into, in case that a node stopped before it did.
async fn forget(store: Store, clock: Clock, watch: Alarms) {
    let mut ticks = tokio::time::interval(FORGETTING);
    loop {
        ticks.tick().await;
        if let Err(error) = watch.look_over(&store, clock.now()).await {
            tracing::warn!(%error, "removals could not be looked over");
        }
        if let Err(error) = alarms::forget_old(&store, clock.now()).await {
            tracing::warn!(%error, "old removals could not be forgotten");
        }
        if let Err(error) = notices::forget_old(&store, clock.now()).await {
            tracing::warn!(%error, "old notifications could not be forgotten");
        }
        if let Err(error) = calls::forget_old(&store, clock.now()).await {
            tracing::warn!(%error, "old calls could not be forgotten");
        }
    }
}

/// Forgets what has ended and nobody asks for any more.
async fn clear_away(store: Store, clock: Clock) {
    let mut ticks = tokio::time::interval(CLEARING);
    loop {
        ticks.tick().await;
        if let Err(error) = store.drop_ended_access_tokens(clock.now()).await {
            tracing::warn!(%error, "tokens that have ended could not be cleared away");
        }
        if let Err(error) = store.forget_answers(clock.now() - ANSWERS_KEPT).await {
            tracing::warn!(%error, "old answers could not be forgotten");
        }
    }
}

/// What a newcomer needs next.
async fn greeting(app: &App, store: &Store, with_demo: bool, clock: &Clock, program: &str) -> Result<String, Failure> {
    let url = &app.public_url;
    let mut text = format!("Caurlaide listens. API reference: {url}/docs/\n");
    let tenants = store.tenants().await?;
    if tenants.is_empty() {
        text.push_str(&format!(
            "\nThere is no tenant yet. In another terminal, with the same settings:\n  \
             {program} tenant create my-town --name \"My Town\"\n  \
             {program} token create my-town --client \"My identity system\"\n",
        ));
        text.push_str(&format!("Its SCIM base URL is then {}\n", app.scim_base("my-town")));
    }
    if with_demo {
        for town in demo::towns() {
            let Some(tenant) = tenants.iter().find(|tenant| tenant.slug == town.slug) else { continue };
            let new = NewToken { expires_in: DEMO_TOKEN, ..NewToken::of(&DEMO_SCOPES) };
            let made = token::create(store, tenant, "demonstration", &new, clock).await?;
            let (base, secret) = (app.scim_base(&tenant.slug), made.secret.expose_secret());
            text.push_str(&format!(
                "\n{}\n  SCIM base URL  {base}\n  Token          {secret}\n  \
                 Try            curl -s -H 'Authorization: Bearer {secret}' '{base}/Users?count=2'\n",
                tenant.name
            ));
        }
    }
    text.push_str("\nCtrl-C stops it. The log follows on standard error.\n");
    Ok(text)
}
