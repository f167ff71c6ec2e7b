//! The ports of databases, caches and queues: what listens there is for the stack's own services.

/// Well-known numbers, each with the name of who listens there.
const PORTS: &[(u16, &str)] = &[
    (1433, "mssql"),
    (1521, "oracle"),
    (2379, "etcd"),
    (3306, "mysql"),
    (4222, "nats"),
    (5432, "postgres"),
    (5672, "amqp"),
    (5984, "couchdb"),
    (6333, "qdrant"),
    (6379, "redis"),
    (7687, "neo4j"),
    (9042, "cassandra"),
    (9092, "kafka"),
    (9200, "elasticsearch"),
    (11211, "memcached"),
    (19530, "milvus"),
    (26257, "cockroach"),
    (27017, "mongo"),
    (28015, "rethinkdb"),
];

/// What listens on that port, if it is a datastore's.
pub fn datastore_at(port: u16) -> Option<&'static str> {
    PORTS.iter().find(|(number, _)| *number == port).map(|(_, name)| *name)
}
