//! Faults of what is declared by name and used elsewhere: secrets, variables, volumes, images.

super::define::codes! {
    /// A value looks like a secret that is written out.
    ///
    /// stack.yaml is committed, and so is all that is made from it. Declare the name under `secrets` and refer to it with
    /// `${secrets.NAME}`; the value stays in the environment, in Fly's secrets or in GitHub's.
    LiteralSecret = "literal-secret", Error, What;

    /// A secret is used that is not declared under `secrets`.
    ///
    /// Declare it, with what a colleague needs to know to get one: `secrets: {NAME: {description: …}}`.
    UndeclaredSecret = "undeclared-secret", Error, What;

    /// A secret is declared and nothing uses it.
    ///
    /// Hand it to the service that needs it, `secrets: [NAME]`, or remove it. A secret that only CI needs is declared with `stage: ci`.
    UnusedSecret = "unused-secret", Warning;

    /// A secret is used at a time for which it is not meant: a build secret at run time, or the reverse.
    ///
    /// A secret of stage `run` reaches the running service; one of stage `build` is mounted while an image is built and stays out of it.
    /// Where both need it, declare two.
    SecretStage = "secret-stage", Error, What;

    /// A secret has a `default` where values must not stand.
    ///
    /// A development value may stand in the overlay of a Compose environment, and nowhere else.
    SecretDefault = "secret-default", Error, What;

    /// A deploy-time variable is used that is not declared.
    ///
    /// Declare it: `variables: {NAME: default}` or `{NAME: {required: true, description: …}}`; or give the default in place: `${NAME:-default}`.
    UndeclaredVariable = "undeclared-variable", Error, What;

    /// A deploy-time variable is declared and no value refers to it.
    ///
    /// Refer to it where it is meant, `${NAME}`, or remove it.
    UnusedVariable = "unused-variable", Warning;

    /// A variable has no value where one is wanted: fly.toml cannot hold a variable, and a test starts services where nobody has set any.
    ///
    /// Set it under the environment's `variables`, or in the test's `env`.
    VariableWithoutValue = "variable-without-value", Error;

    /// A volume is used that is not declared under `volumes`.
    ///
    /// Declare it, `volumes: {NAME: {}}`. A folder of the repository is written with its dot: `./NAME`.
    UndeclaredVolume = "undeclared-volume", Error, What;

    /// A volume is declared and nothing mounts it.
    ///
    /// Mount it in a service, `volumes: {/data: NAME}`, or remove it.
    UnusedVolume = "unused-volume", Warning;

    /// An image is declared under `images`, and nothing runs it or is built on it.
    ///
    /// Run it in a service, `uses: NAME`, build another on it, `from: NAME`, or remove it.
    UnusedImage = "unused-image", Warning;
}
