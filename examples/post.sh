#!/bin/sh
# Says something in a room, once, also where it has to try again:
#
#     PARLEY_TOKEN=… examples/post.sh http://127.0.0.1:8000 hallway "Build 17 is done"
#
# A fourth argument names what is said: whoever says it again under the same name says nothing new.
set -eu
server=$1 room=$2 text=$3 name=${4:-$(date +%s)-$$}

json() {
    printf '%s\n' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g; s/	/\\t/g' |
        awk '{ printf "%s%s", (NR > 1 ? "\\n" : ""), $0 }'
}

# The token comes by standard input: arguments can be read by everyone on this machine.
curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused --config - \
    --json "{\"text\": \"$(json "$text")\", \"client_id\": \"$(json "$name")\"}" \
    "$server/api/rooms/$room/messages" <<END
header = "Authorization: Bearer $PARLEY_TOKEN"
END
