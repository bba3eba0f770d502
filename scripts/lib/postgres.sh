# shellcheck shell=bash
# A private PostgreSQL that lives as long as the script that sources this file. It has its own directory, port and
# password, and is removed at the end. A server that already runs on the machine is never touched.
#
#   source scripts/lib/postgres.sh
#   trap pg_stop EXIT            # before pg_start, so that an interrupted start is cleaned up too
#   pg_start [setting=value]...  # sets PG_URL and PG_BIN; settings override those below, e.g. fsync=on
#   pg_sql 'CREATE DATABASE x OWNER samverkan'

PG_DIR='' PG_BIN='' PG_PORT='' PG_URL=''

# apt_install PACKAGE...: installs Debian packages, or fails with a message that says what is missing.
apt_install() {
    local sudo=()
    if ((EUID != 0)); then sudo=(sudo); fi
    if ! command -v apt-get >/dev/null || { ((EUID != 0)) && ! command -v sudo >/dev/null; }; then
        echo "Please install: $* (needs apt-get, and root or sudo, to do it for you)" >&2
        return 1
    fi
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# Prints the folder of the server programs. Debian keeps them out of PATH; a PATH entry may be a link to them.
pg_find() {
    local initdb
    initdb=$(command -v initdb || printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
    [[ -x $initdb ]] && dirname "$(readlink -f "$initdb")"
}

pg_start() {
    PG_BIN=$(pg_find) || { apt_install postgresql && PG_BIN=$(pg_find); } ||
        { echo 'PostgreSQL is needed here and could not be had.' >&2; return 1; }

    # Under /tmp and not TMPDIR: the other user must reach it, and a socket's path holds 107 bytes at most.
    PG_DIR=$(mktemp -d /tmp/samverkan-pg.XXXXXX)
    if ((EUID == 0)); then # the server refuses to run as root
        getent passwd postgres >/dev/null || useradd --system --no-create-home postgres
        chown postgres: "$PG_DIR"
    fi

    # The socket lies in a folder that only the server's user can open: trust is enough there.
    pg_run initdb -D "$PG_DIR/data" -U postgres --encoding=UTF8 --no-locale \
        --auth-local=trust --auth-host=scram-sha-256 --no-sync >/dev/null
    local setting
    for setting in listen_addresses=127.0.0.1 "unix_socket_directories=$PG_DIR" max_connections=200 \
        fsync=off synchronous_commit=off full_page_writes=off "$@"; do
        echo "${setting%%=*} = '${setting#*=}'"
    done | pg_run tee -a "$PG_DIR/data/postgresql.conf" >/dev/null

    # A free port may be taken before the server starts, so a port is tried by starting the server on it.
    local try
    for try in 1 2 3 4 5; do
        PG_PORT=$((20000 + RANDOM % 12000)) # below the range that outgoing connections use
        if pg_run pg_ctl start -D "$PG_DIR/data" -o "-p $PG_PORT" -l "$PG_DIR/log" -w -s 2>/dev/null; then break; fi
        if ((try == 5)); then
            echo 'PostgreSQL does not start; its log:' >&2
            cat "$PG_DIR/log" >&2
            return 1
        fi
    done

    local password
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    pg_sql "CREATE ROLE samverkan LOGIN CREATEDB CREATEROLE PASSWORD '$password'"
    # shellcheck disable=SC2034 # for the script that sources this
    PG_URL="postgres://samverkan:$password@127.0.0.1:$PG_PORT/postgres"
    # Tests run PostgreSQL's programs, too (pg_dump); those that are in PATH already come first.
    export PATH=$PATH:$PG_BIN
}

# Stops the server and removes everything; does nothing the second time. The data is thrown away, so no checkpoint.
pg_stop() {
    [[ -n $PG_DIR ]] || return 0
    if [[ -f $PG_DIR/data/postmaster.pid ]]; then
        pg_run pg_ctl stop -D "$PG_DIR/data" -m immediate -w -s || true
    fi
    rm -rf "$PG_DIR"
    PG_DIR=''
}

# pg_sql SQL: as the server's superuser. The text goes by stdin: process lists show arguments, passwords among them.
pg_sql() {
    pg_run psql -XqAt -v ON_ERROR_STOP=1 -h "$PG_DIR" -p "$PG_PORT" -U postgres -d postgres <<<"$1"
}

# pg_run COMMAND...: a server program (or any other) as the server's user, in a folder that this user can read.
pg_run() (
    cd "$PG_DIR" || exit
    export HOME=$PG_DIR PATH=$PG_BIN:$PATH
    if ((EUID == 0)); then exec runuser -u postgres -- "$@"; else exec "$@"; fi
)
