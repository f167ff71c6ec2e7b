//! Faults of one key or value: which keys there are, and what form a value has.

super::define::codes! {
    /// The key is not part of the language at this place.
    ///
    /// The message names the nearest key that is, or where a word of Compose or Fly belongs. `stackc schema` prints all keys; an editor
    /// that knows the schema completes them. Keys that start with `x-` are free at the top and in services.
    UnknownKey = "unknown-key", Error;

    /// A key that is needed here is missing.
    ///
    /// Add it; the message says what it is for. An editor that knows the schema offers the keys that are left.
    MissingKey = "missing-key", Error, Entry;

    /// The value has another type than the key takes, for instance text where a mapping belongs.
    ///
    /// Most keys with several parts are mappings here, where Compose has lists: `ports: {http: 3000}`, `volumes: {/data: data}`,
    /// `env: {NAME: value}`. That way an environment can change one entry.
    WrongType = "wrong-type", Error;

    /// The key takes one of a few words, and this is none of them. The message lists them.
    ///
    /// Write one of those; where one is near to what you wrote, the message names it.
    UnknownValue = "unknown-value", Error, Entry;

    /// The value has the right type, but not a form or size that the key takes.
    ///
    /// The help line says which form the key takes.
    InvalidValue = "invalid-value", Error, Entry;

    /// A name is not a DNS label: lower-case letters, digits and inner hyphens, at most 63, starting with a letter.
    ///
    /// Names of stacks and services become host names, image names and app names, all of which share this rule.
    InvalidName = "invalid-name", Error, Entry;

    /// A port is a whole number from 1 to 65535.
    ///
    /// A port to publish is `true` (the same number), a number, or an address and number: `publish: "127.0.0.1:8080"`.
    InvalidPort = "invalid-port", Error, What;

    /// A duration is a number with a unit: `500ms`, `30s`, `5m`, `1h`, or a sum such as `1m30s`.
    ///
    /// A bare number is refused because the targets disagree about its unit.
    InvalidDuration = "invalid-duration", Error, What;

    /// A size is a number with a unit: `512kb`, `256mb`, `1gb`.
    ///
    /// Units are binary, as Compose and Fly read them: 1gb is 1024mb.
    InvalidSize = "invalid-size", Error, What;
}
