//! What a platform cannot do, or does otherwise.

super::define::codes! {
    /// The environment's platform cannot do this.
    ///
    /// The message says what is possible instead. An environment's overlay can change or remove (`null`) the key for its platform alone.
    UnsupportedOnPlatform = "unsupported-on-platform", Error, What;

    /// The key has no meaning on the environment's platform; nothing is lost by it.
    ///
    /// Nothing needs to be done; it is said so that nobody relies on it there.
    NoEffectOnPlatform = "no-effect-on-platform", Advice, Entry;

    /// A job has a schedule, and neither its platform nor a workflow starts it.
    ///
    /// Where CI deploys the environment, a workflow keeps the schedules. Or let cron on the machine call `deploy/ENVIRONMENT.sh job NAME`.
    UnscheduledJob = "unscheduled-job", Advice;

    /// Files served at `/` by Fly's proxy never reach the web server, so its headers and its fallback do not apply to them.
    ///
    /// Leave `statics` out to let the server answer everything, or use a prefix such as /assets.
    StaticsAtRoot = "statics-at-root", Warning;

    /// An app's name is used for two different images, or is not one that Fly accepts.
    ///
    /// An app's name is lower-case letters, digits and inner hyphens, at most 63. Services that share an app run the same image: `uses: NAME`.
    AppName = "app-name", Error, What;
}
