//! Skeletons that editors offer where something new begins: a stack, a service, an environment. Each is complete as it stands, so that taking
//! one leaves no error; `tests/it/schema.rs` builds them.

use serde_json::{Map, Value, json};

/// Adds the skeletons to the schema.
pub fn add(schema: &mut Value) {
    schema["defaultSnippets"] = json!([snippet(
        "a new stack",
        "A stack of one service from an image, run by Docker Compose.",
        json!({
            "name": "${1:shop}",
            "services": {"${2:web}": {"image": "${3:nginx:1.30-alpine}", "ports": {"http": {"port": "${4:80}", "publish": "${5:8080}"}}}},
            "environments": {"${6:dev}": {"platform": "compose"}},
        }),
    )]);
    let properties = &mut schema["properties"];
    offer(&mut properties["services"], services());
    offer(&mut properties["environments"], environments());
    offer(&mut properties["secrets"], secrets());
    offer(&mut schema["$defs"]["Service"]["properties"]["ports"], ports());
    offer(&mut schema["$defs"]["Routing"]["properties"]["hosts"], hosts());
}

fn services() -> Value {
    json!([
        snippet(
            "a service from an image",
            "Somebody else's image, such as a database.",
            json!({"${1:db}": {"image": "${2:postgres:17}", "ports": {"${3:postgres}": "${4:5432}"}}}),
        ),
        snippet(
            "a built Python service",
            "An image of your own: what is copied into it, and what it runs.",
            json!({"${1:api}": {
                "build": {"python": {"version": "${2:3.13}"}, "copy": ["${3:app}"]},
                "command": "${4:python -m app}",
                "ports": {"http": {"port": "${5:8000}", "publish": "^true"}},
                "healthcheck": "${6:/health}",
            }}),
        ),
        snippet(
            "a service with a Dockerfile",
            "An image of your own from a Dockerfile that you write.",
            json!({"${1:api}": {"build": "${2:./api}", "ports": {"http": {"port": "${3:8000}", "publish": "^true"}}}}),
        ),
    ])
}

fn environments() -> Value {
    json!([
        snippet(
            "an environment on Docker Compose",
            "Runs the stack on one machine.",
            json!({"${1:dev}": {"platform": "compose"}}),
        ),
        snippet(
            "an environment on Fly.io",
            "Runs each service as an app on Fly.",
            json!({"${1:production}": {"platform": "fly", "region": "${2:iad}"}}),
        ),
    ])
}

fn secrets() -> Value {
    json!([snippet(
        "a secret",
        "A value that is kept elsewhere; `.env.example` says how to make one.",
        json!({"${1:DB_PASSWORD}": {"description": "${2:Password of the database}", "generate": "${3:32}"}}),
    )])
}

fn ports() -> Value {
    json!([snippet(
        "a port that is open to the outside",
        "The main port, published under the same number.",
        json!({"http": {"port": "${1:8080}", "publish": "^true"}}),
    )])
}

fn hosts() -> Value {
    json!([snippet(
        "any host",
        "Routes that hold for any host name.",
        json!({"\"*\"": {"routes": {"${1:/api/*}": {"to": "${2:api}"}}}}),
    )])
}

fn snippet(label: &str, description: &str, body: Value) -> Value {
    json!({"label": label, "description": description, "markdownDescription": description, "body": body})
}

/// Offers snippets among the keys of a map. Without `properties` an editor would leave the cursor behind the colon.
fn offer(map: &mut Value, snippets: Value) {
    let map: &mut Map<String, Value> = map.as_object_mut().expect("a map of the language is a schema object");
    map.insert("defaultSnippets".into(), snippets);
    map.entry("properties").or_insert_with(|| json!({}));
}
