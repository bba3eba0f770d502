# shellcheck shell=bash
# Functions that start demonstrations, fill them with data and measure them; several can run at once. Each has a NAME
# and its own folder $dir/NAME. The script that sources this sets dir, entries, seconds and connections.
#
#   trap 'demonstrations_stop; rm -rf "$dir"' EXIT
#   start NAME PROGRAM [VARIABLE=VALUE]...
#   load NAME
#   slice 'get one' NAME         # sets rate, p99 and refused

# shellcheck disable=SC2034,SC2154 # set by the script that sources this, or read there

declare -A base=() programme=() pid=() # the address, the programme that runs there, the process
declare -A list=() one=()              # the URLs that are read
declare -A sent=()                     # how many writes have been sent
rate='' p99='' refused=0 requests=0            # the result of the last slice
month='' days=''                               # time is entered on the days from 1 to $days of the month
batch_size=1000

# start NAME PROGRAM [VARIABLE=VALUE]...: starts a demonstration and waits until its data has been created.
start() {
    local name=$1 program=$2 folder=$dir/$1
    shift 2
    mkdir "$folder"
    # Every measured insert has a key of its own, and one writer would have too much kept after some seconds.
    env -u DATABASE_URL -u DATABASE_URL_FILE KEPT_ANSWERS_MIB=1000000 "$@" LOG_LEVEL=error \
        "$program" demo --port 0 --data-dir "$folder/data" --json >"$folder/who" 2>"$folder/log" &
    pid[$name]=$! sent[$name]=0
    until base[$name]=$(jq -r .baseUrl "$folder/who" 2>/dev/null) && [[ -n ${base[$name]} ]]; do
        if ! kill -0 "${pid[$name]}" 2>/dev/null; then
            echo "The demonstration ($name) does not start; its log:" >&2
            cat "$folder/log" >&2
            return 1
        fi
        sleep 0.2
    done
    programme[$name]=$(curl -sS "${base[$name]}/api/v1/programmes?status=running" | jq -er '.items[0].id')
    month=$(date +%Y-%m) days=$((10#$(date +%d)))
}

# demonstrations_stop: stops all demonstrations and removes their files.
demonstrations_stop() {
    local name
    for name in "${!pid[@]}"; do
        kill "${pid[$name]}" 2>/dev/null || true
        wait "${pid[$name]}" 2>/dev/null || true
        rm -rf "${dir:?}/$name"
    done
    pid=()
}

# login NAME USER: prints a token.
login() {
    local password
    password=$(jq -r --arg user "$2" '.users[] | select(.username == $user) | .password' "$dir/$1/who")
    curl -sS "${base[$1]}/api/v1/oauth/token" -d grant_type=password -d "username=$2" --data-urlencode "password=$password" |
        jq -er .access_token
}

# to_month_end NAME: moves the clock to the month's last day, so that the first of a month has as many days as the last.
to_month_end() {
    local last to admin
    last=$(date -d "$month-01 +1 month -1 day" +%d)
    to=$month-${last}T12:00:00Z
    if [[ $(date -u +%FT%TZ) < $to ]]; then
        admin=$(login "$1" admin@example.org)
        curl -sSf -H "Authorization: Bearer $admin" -H 'Content-Type: application/json' -d "{\"to\": \"$to\"}" \
            "${base[$1]}/api/v1/demo/clock-advances" >/dev/null
    fi
    days=$((10#$last))
}

# post_batch NAME TOKEN PARTICIPANTS COUNT FIRST CURL-ARGUMENTS...: sends a batch of COUNT entries of one minute each, in
# turn for each of the PARTICIPANTS (their ids, with commas between them). The first round is on day FIRST + 1 and each
# later one on the next day, starting again after the last day of the month. A day has room for 1,440 of them.
post_batch() {
    local name=$1 token=$2 participants=$3 count=$4 first=$5
    shift 5
    jq -nc --arg ids "$participants" --argjson count "$count" --argjson first "$first" --arg month "$month" --argjson days "$days" '
        ($ids | split(",")) as $ids | ($ids | length) as $people |
        {atomic: true, items: [range($count) | {participantId: $ids[. % $people], minutes: 1, kind: "own", activityCode: "development",
         description: "Utvecklingsarbete",
         workDate: "\($month)-\(((. / $people + $first | floor) % $days + 1) | tostring | if length < 2 then "0" + . else . end)"}]}' |
        curl -sS "$@" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' --data-binary @- \
            "${base[$name]}/api/v1/time-entries/batch"
}

# load NAME: enters `entries` entries in total, about the same number for each participant.
load() {
    local name=$1 participants=$dir/$1/participants began=$SECONDS manager people each id email token first count
    manager=$(login "$name" projektledare@example.org)
    # Participants who have left are skipped.
    curl -sS -H "Authorization: Bearer $manager" "${base[$name]}/api/v1/participants?programmeId=${programme[$name]}&limit=200" |
        jq '.items |= map(select(.validTo == null))' >"$participants"
    people=$(jq '.items | length' "$participants")
    each=$(((entries + people - 1) / people))
    echo "loading $((people * each)) entries of $people people in batches of at most $batch_size"
    jq -r '.items[] | [.id, .email] | @tsv' "$participants" | while IFS=$'\t' read -r id email; do
        token=$(login "$name" "$email")
        for ((first = 0; first < each; first += count)); do
            count=$((each - first < batch_size ? each - first : batch_size))
            post_batch "$name" "$token" "$id" "$count" "$first" | jq -e '.failed == 0' >/dev/null
        done
    done
    echo "loaded in $((SECONDS - began)) s"
}

# newcomers NAME: adds 40 people to the team of each kommun. Writes are measured on their days, so that nobody has more than
# about ten entries a day.
newcomers() {
    local name=$1 kommun token number
    jq -r '.items[].kommunkod // empty' "$dir/$name/participants" | sort -u | while read -r kommun; do
        token=$(login "$name" "koordinator.$kommun@example.org")
        for ((number = 1; number <= 40; number++)); do
            jq -nc --arg programme "${programme[$name]}" --arg kommun "$kommun" --arg number "$number" --arg from "$month-01" '
                {programmeId: $programme, organisation: "kommun", kommunkod: $kommun, name: "Nya \($number)", validFrom: $from,
                 email: "ny\($number).\($kommun)@example.org", function: "Handläggare", department: "Arbete", employeeNumber: "\($kommun)-\($number)"}'
        done | tr '\n' '\0' | xargs -0 -P 4 -I{} curl -sSf -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
            -d {} "${base[$name]}/api/v1/participants" | jq -r '"\(.id) \(.kommunkod)"'
    done >"$dir/$name/newcomers"
}

# looked_at NAME: saves the list and its first entry, which are measured. The bare server answers the same bytes.
looked_at() {
    local name=$1 folder=$dir/$1 token
    token=$(login "$name" koordinator.0114@example.org)
    list[$name]="${base[$name]}/api/v1/time-entries?programmeId=${programme[$name]}&kommunkod=0114&cursor="
    curl -sS -H "Authorization: Bearer $token" "${list[$name]}" >"$folder/list.json"
    one[$name]="${base[$name]}/api/v1/time-entries/$(jq -er '.items[0].id' "$folder/list.json")"
    curl -sS -H "Authorization: Bearer $token" "${one[$name]}" >"$folder/one.json"
}

# slice LINE NAME [KOMMUN]: makes one measurement of $seconds seconds; sets rate, p99 and refused. The coordinators of
# all kommuner enter time, or only the one of KOMMUN. It logs in again each time, because a token is valid for five
# minutes.
slice() {
    local line=$1 name=$2 kommun=${3:-} token connections=$connections
    if [[ $line == *'of one kommun' ]]; then kommun=0114; fi
    if [[ $line =~ ([0-9]+)' connection' ]]; then connections=${BASH_REMATCH[1]}; fi
    token=$(login "$name" koordinator.0114@example.org)
    case $line in
    list*) hammer -H "Authorization: Bearer $token" "${list[$name]}" ;;
    get*) hammer -H "Authorization: Bearer $token" "${one[$name]}" ;;
    *beside*)
        writers "$name"
        beside "$name"
        ;;
    insert*)
        writers "$name" "$kommun"
        insert "$name"
        ;;
    batch*)
        writers "$name" "$kommun"
        batches "$name" 1
        ;;
    void*)
        writers "$name" "$kommun"
        batches "$name" 2
        ;;
    esac
}

# hammer WRK-ARGUMENTS...: sends requests as fast as the server answers them.
hammer() {
    wrk -t $((connections > 1 ? 2 : 1)) -c "$connections" -d "${seconds}s" --latency "$@" >"$dir/out" 2>&1
    read -r rate p99 refused requests < <(awk '
        /99%/              { p99 = $2 }
        /Requests\/sec/    { rate = $2 }
        / requests in /    { requests = $1 }
        /Non-2xx or 3xx/   { refused += $NF }
        /Socket errors/    { refused += $4 + $6 + $8 + $10 }
        END                { print rate, p99, refused + 0, requests }' "$dir/out")
}

# writers NAME [KOMMUN]: writes a file with each newcomer's id and a token of the coordinator of their kommun.
writers() {
    local name=$1 folder=$dir/$1 kommun token
    cut -d' ' -f2 "$folder/newcomers" | sort -u | grep "${2:-.}" | while read -r kommun; do
        token=$(login "$name" "koordinator.$kommun@example.org")
        awk -v kommun="$kommun" -v token="$token" '$2 == kommun { print $1, token }' "$folder/newcomers"
    done >"$folder/writers"
}

# insert NAME: sends one entry per request, each with its own Idempotency-Key. It cycles through the writers, and uses
# the next day in each cycle. The next slice continues where this one ends.
insert() {
    local name=$1
    cat >"$dir/insert.lua" <<'LUA'
local ids, tokens, count, thread = {}, {}, 0, 0
for line in io.lines(os.getenv("WRITERS")) do ids[#ids + 1], tokens[#tokens + 1] = line:match("(%S+) (%S+)") end
function setup(t) t:set("number", thread); thread = thread + 1 end
function request()
  count = count + 1
  local n = tonumber(os.getenv("FIRST")) + count * 2 + number
  local who = n % #ids + 1
  local day = os.getenv("MONTH") .. string.format("-%02d", math.floor(n / #ids) % tonumber(os.getenv("DAYS")) + 1)
  local body = string.format('{"participantId":"%s","workDate":"%s","minutes":1,"kind":"own","activityCode":"development","description":"x"}', ids[who], day)
  return wrk.format("POST", nil, {["Authorization"] = "Bearer " .. tokens[who], ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = os.getenv("RUN") .. "-" .. n}, body)
end
LUA
    WRITERS=$dir/$name/writers MONTH=$month DAYS=$days FIRST=${sent[$name]} RUN=$RANDOM$RANDOM \
        hammer -s "$dir/insert.lua" "${base[$name]}/api/v1/time-entries"
    sent[$name]=$((sent[$name] + requests))
}

# beside NAME: one connection inserts, while batches are sent and voided one after the other and all jobs run again and again.
beside() {
    local name=$1 folder=$dir/$1 connections=1 admin sender clock own
    admin=$(login "$name" admin@example.org)
    rm -f "$folder/refused"
    (
        seconds=$((seconds + 2))
        batches "$name" 1
        echo "$refused" >"$folder/refused"
    ) &
    sender=$!
    (
        # The clock stands a little after the newest event. Moving it runs all jobs.
        now=$(curl -sSf -H "Authorization: Bearer $admin" "${base[$name]}/api/v1/audit-events?limit=1&sort=-at" | jq -er '.items[0].at')
        now=$(date -u -d "$now + 30 seconds" +%FT%TZ)
        while kill -0 "$sender" 2>/dev/null; do
            now=$(curl -sSf -H "Authorization: Bearer $admin" -H 'Content-Type: application/json' -d "{\"to\": \"$now\"}" \
                "${base[$name]}/api/v1/demo/clock-advances" | jq -er .now)
            now=$(date -u -d "$now + 3 seconds" +%FT%TZ)
            sleep 0.2
        done
    ) &
    clock=$!
    sleep 1
    insert "$name"
    own=$refused
    wait "$sender"
    wait "$clock"
    refused=$((own + $(cat "$folder/refused")))
}

# batches NAME STEP: sends batches of new entries one after the other, each for the team of one kommun, and voids them. The
# rate is rows per second of the server's response time, of the entries (STEP 1) or of the voids (STEP 2). Refusals are counted in
# rows.
batches() {
    local name=$1 step=$2 folder=$dir/$1 end=$((SECONDS + seconds)) teams ids token
    # One line for each kommun: the ids of its team, and the token.
    awk '{ ids[$2] = ids[$2] (ids[$2] == "" ? "" : ",") $1 } END { for (token in ids) print ids[token], token }' \
        "$folder/writers" >"$folder/teams"
    teams=$(wc -l <"$folder/teams")
    : >"$folder/took1"
    : >"$folder/took2"
    refused=0 p99=-
    while ((SECONDS < end)); do
        read -r ids token < <(sed -n "$((sent[$name] % teams + 1))p" "$folder/teams")
        post_batch "$name" "$token" "$ids" "$batch_size" "${sent[$name]}" \
            -o "$folder/answer" -w '%{time_total}\n' >>"$folder/took1"
        refused=$((refused + $(jq --argjson all "$batch_size" '.failed // $all' "$folder/answer")))
        jq -c '{items: [.items[] | {id, to: "voided"}]}' "$folder/answer" |
            curl -sS -o "$folder/answer" -w '%{time_total}\n' -H "Authorization: Bearer $token" \
                -H 'Content-Type: application/json' --data-binary @- \
                "${base[$name]}/api/v1/time-entries/status-changes/batch" >>"$folder/took2"
        refused=$((refused + $(jq --argjson all "$batch_size" '.failed // $all' "$folder/answer")))
        sent[$name]=$((sent[$name] + 1))
    done
    rate=$(awk -v size="$batch_size" '{ took += $1 } END { print NR * size / took }' "$folder/took$step")
}
