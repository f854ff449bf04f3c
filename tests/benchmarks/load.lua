-- Copyright: eventops.infra contributors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
--
-- What wrk sends: alerts, each body another, and how it tells the result. Arguments after the URL and `--`:
--   hosts     over how many hosts (host-001, ...) the alerts go round
--   keys      how many different alerts there are; 0: each is another
--   name      the alert's name
--   resolve   1: every second round of an alert says that it is over
--   most      how many are sent at most; 0: as many as the time allows
--   pause_ms  how long a connection waits between an answer and its next request; 0: not at all

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"

local hosts, keys, name, resolve, most, pause_ms
local planned, made, connections = 0, 0, tonumber(os.getenv("WRK_CONNECTIONS"))
local one = '{"alert": "%s", "status": "%s", "host": "host-%03d", "fingerprint": "%s", "severity": "error", "summary": "%s on host-%03d does not answer", '
   .. '"labels": {"team": "web", "site": "fra-1", "rack": "%d"}, "value": %d}'

function init(args)
   hosts, keys, name = tonumber(args[1]), tonumber(args[2]), args[3]
   resolve, most, pause_ms = args[4] == "1", tonumber(args[5]), tonumber(args[6])
   if most > 0 or pause_ms > 0 then delay = next_delay end
end

function request()
   made = made + 1
   local number = keys > 0 and made % keys or made
   local host = number % hosts + 1
   local status = (resolve and math.floor(made / keys) % 2 == 1) and "ok" or "down"
   return wrk.format(nil, nil, nil, one:format(name, status, host, number, name, host, host % 40, made))
end

-- Called before each request of a connection. The first requests are spread over the pause.
function next_delay()
   planned = planned + 1
   if most > 0 and planned > most then return 3600000 end
   return planned <= connections and math.floor(pause_ms * planned / connections) or pause_ms
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\nRESULT {"requests": %d, "seconds": %.6f, "p50": %.6f, "p90": %.6f, "p99": %.6f, "longest": %.6f, "refused": %d, "broken": %d, "timed_out": %d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(90) / 1e6, latency:percentile(99) / 1e6,
      latency.max / 1e6, errors.status, errors.connect + errors.read + errors.write, errors.timeout))
end
