//! Every product is recognised, and nothing else is taken for one.

use telemetry::inventory::{Category, Sureness};

use super::{found, names, table};

/// Command lines as they are seen, with the product each must be.
const SEEN: &[(&str, &str)] = &[
    (
        "postgres | /usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main",
        "postgresql",
    ),
    (
        "postmaster | /usr/pgsql-12/bin/postmaster -D /var/lib/pgsql/12/data",
        "postgresql",
    ),
    ("mysqld | /usr/sbin/mysqld", "mysql"),
    ("mariadbd | /usr/sbin/mariadbd", "mariadb"),
    (
        "mysqld | /usr/sbin/mysqld --basedir=/usr --plugin-dir=/usr/lib/mariadb/plugin",
        "mariadb",
    ),
    ("ora_pmon_ORCL | ora_pmon_ORCL", "oracle"),
    (
        "tnslsnr | /u01/app/oracle/product/19.3.0/dbhome/bin/tnslsnr LISTENER -inherit",
        "oracle",
    ),
    ("sqlservr | /opt/mssql/bin/sqlservr", "sql-server"),
    ("mongod | /usr/bin/mongod --config /etc/mongod.conf", "mongodb"),
    ("mongos | /usr/bin/mongos --configdb rs/c:27019", "mongodb-router"),
    ("redis-server | /usr/bin/redis-server 127.0.0.1:6379", "redis"),
    ("valkey-server | /usr/bin/valkey-server *:6379", "valkey"),
    ("keydb-server | keydb-server *:6379", "keydb"),
    ("memcached | /usr/bin/memcached -m 64 -p 11211 -u memcache", "memcached"),
    (
        "beam.smp | /usr/lib/erlang/erts-13/bin/beam.smp -W w -pa /usr/lib/rabbitmq/lib -s rabbit boot",
        "rabbitmq",
    ),
    (
        "java | java -Dactivemq.home=/opt/activemq -jar /opt/activemq/bin/activemq.jar start",
        "activemq",
    ),
    (
        "java | java -Xmx1G -cp /opt/kafka/libs/* kafka.Kafka /etc/kafka/server.properties",
        "kafka",
    ),
    (
        "java | java org.apache.zookeeper.server.quorum.QuorumPeerMain /etc/zookeeper/conf/zoo.cfg",
        "zookeeper",
    ),
    (
        "java | java -Des.path.home=/usr/share/elasticsearch org.elasticsearch.bootstrap.Elasticsearch",
        "elasticsearch",
    ),
    (
        "java | java -Dopensearch.path.home=/x org.opensearch.bootstrap.OpenSearch",
        "opensearch",
    ),
    ("java | java -Dsolr.solr.home=/var/solr/data -jar start.jar", "solr"),
    (
        "java | java -cp /x org.apache.cassandra.service.CassandraDaemon",
        "cassandra",
    ),
    ("etcd | /usr/bin/etcd --name n1", "etcd"),
    ("nginx | nginx: master process /usr/sbin/nginx", "nginx"),
    ("apache2 | /usr/sbin/apache2 -k start", "apache"),
    ("httpd | /usr/sbin/httpd -DFOREGROUND", "apache"),
    ("haproxy | /usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg", "haproxy"),
    ("envoy | /usr/local/bin/envoy -c /etc/envoy/envoy.yaml", "envoy"),
    ("keepalived | /usr/sbin/keepalived --dont-fork", "keepalived"),
    (
        "java | java -Dcatalina.home=/usr/share/tomcat10 org.apache.catalina.startup.Bootstrap start",
        "tomcat",
    ),
    ("java | java -Xmx2g -jar /opt/app/orders-service-1.2.3.jar", "jvm"),
    ("java | java -cp /opt/app/lib/* com.example.OrderServer", "jvm"),
    ("node | node /srv/shop/server.js", "nodejs"),
    ("gunicorn | gunicorn: master [orders.wsgi]", "gunicorn"),
    (
        "python3 | /usr/bin/python3 /usr/bin/gunicorn -b 0.0.0.0:8000 orders.wsgi:application",
        "gunicorn",
    ),
    ("uwsgi | uwsgi --ini /etc/uwsgi/app.ini", "uwsgi"),
    ("celery | /usr/bin/python3 /usr/bin/celery -A orders worker", "celery"),
    (
        "php-fpm8.2 | php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)",
        "php-fpm",
    ),
    ("dotnet | dotnet /srv/Orders.Api.dll", "dotnet"),
    (
        "dockerd | /usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock",
        "docker",
    ),
    ("containerd | /usr/bin/containerd", "containerd"),
    (
        "kubelet | /usr/bin/kubelet --config=/var/lib/kubelet/config.yaml",
        "kubelet",
    ),
    ("smbd | /usr/sbin/smbd --foreground --no-process-group", "samba"),
    ("master | /usr/lib/postfix/sbin/master -w", "smtp"),
    ("named | /usr/sbin/named -f -u bind", "dns"),
    ("slapd | /usr/sbin/slapd -h ldap:/// -u openldap", "ldap"),
    (
        "openvpn | /usr/sbin/openvpn --config /etc/openvpn/server.conf",
        "openvpn",
    ),
    ("charon | /usr/lib/ipsec/charon", "ipsec"),
    (
        "firewalld | /usr/bin/python3 -s /usr/sbin/firewalld --nofork",
        "firewall",
    ),
    ("nats-server | /usr/bin/nats-server -c /etc/nats.conf", "nats"),
    (
        "clickhouse-serv | /usr/bin/clickhouse-server --config=/etc/clickhouse-server/config.xml",
        "clickhouse",
    ),
    ("db2sysc | db2sysc 0", "db2"),
    ("influxd | /usr/bin/influxd", "influxdb"),
    ("varnishd | /usr/sbin/varnishd -a :6081", "varnish"),
    ("squid | /usr/sbin/squid -sYC", "squid"),
    (
        "pgbouncer | /usr/sbin/pgbouncer /etc/pgbouncer/pgbouncer.ini",
        "pgbouncer",
    ),
    ("proxysql | /usr/bin/proxysql --idle-threads", "proxysql"),
    ("maxscale | /usr/bin/maxscale", "maxscale"),
    ("traefik | /usr/local/bin/traefik", "traefik"),
    (
        "beam.smp | /opt/couchdb/erts/bin/beam.smp -- -root /opt/couchdb",
        "couchdb",
    ),
];

#[test]
fn every_product_of_the_list_is_recognised() {
    for (line, product) in SEEN {
        let table = table(&["1 0 0 systemd | /sbin/init", &format!("100 1 7 {line}")]);
        let services = found(&table, &[], &[]);
        assert_eq!(services.len(), 1, "{line}: {:?}", names(&services));
        assert_eq!(services[0].product, *product, "{line}");
        assert_eq!(services[0].sureness, Sureness::Seen);
        assert!(!services[0].rested_on.is_empty());
    }
}

#[test]
fn clients_and_look_alikes_are_no_servers() {
    let lines = [
        "psql | psql -h db -U app orders",
        "mysql | mysql -h db -P 3306",
        "mongosh | mongosh --port 27017",
        "redis-cli | redis-cli -p 6379",
        "vim | vim /etc/redis/redis.conf",
        "less | less /var/log/postgresql/postgresql.log",
        "grep | grep postgres",
        "tail | tail -f /opt/kafka/logs/kafka.Kafka",
        "bash | -bash",
        "sh | sh -c redis-server",
        "pg_dump | pg_dump -h db orders",
        "memcached-tool | memcached-tool localhost:11211",
        "cqlsh | python3 cqlsh",
        "rabbitmqctl | sh rabbitmqctl status",
        "etcdctl | etcdctl get x",
        "docker | docker ps",
        "consul | consul members",
        "nginx-exporter | /usr/bin/nginx-exporter",
        "python3 | python3 backup.py",
        "sshd | sshd: mysqld@pts/0",
        "java-updater | /opt/java-updater",
        "vault | vault kv get x",
    ];
    for line in lines {
        let table = table(&["1 0 0 systemd | /sbin/init", &format!("100 1 7 {line}")]);
        for service in found(&table, &[], &[]) {
            assert_eq!(
                service.category,
                Category::Infrastructure,
                "{line} is taken for {}",
                service.product
            );
        }
    }
}
