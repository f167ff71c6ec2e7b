//! Faults of workflows and deployments, and of what they start.

super::define::codes! {
    /// A line of shell holds an expression of GitHub's, `${{ … }}`, which is filled in before the shell reads the line.
    ///
    /// The name of a branch could then be a command. Use the runner's variable, such as `"$GITHUB_SHA"`; what is asked and secrets are handed over as variables.
    ExpressionInScript = "expression-in-script", Error, What;

    /// An option of a deployment sounds as if it destroyed something, and can be chosen by a slip.
    ///
    /// Let the person type a word as well: `confirm: {all: RESET_ALL}`. Without it the run stops before it does anything.
    UnconfirmedOption = "unconfirmed-option", Warning, Entry;

    /// A process listens where those who need it cannot reach it.
    ///
    /// Fly's private network is IPv6 and its proxy asks over IPv4: listen on `::`, or on what the server takes for both families.
    UnreachableBind = "unreachable-bind", Warning;

    /// A service says how it is tested, and there is no workflow that would do so; or the workflows are left with nothing to do.
    ///
    /// Write `ci: {github: {}}`: it makes one that tests each service with a `test`; with `check` it sees that the outputs fit stack.yaml as well.
    TestWithoutCi = "test-without-ci", Advice;
}
