-- Copyright: eventops.infra contributors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
--
-- For wrk: post one body, with one more header where there is one. Arguments: file of the body, name and value of the header.

function init(args)
   local file = assert(io.open(args[1], "rb"))
   wrk.method = "POST"
   wrk.body = file:read("*a")
   file:close()
   wrk.headers["Content-Type"] = "application/json"
   if args[2] then wrk.headers[args[2]] = args[3] end
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '\nRESULT {"requests": %d, "seconds": %.6f, "p50": %.6f, "p90": %.6f, "p99": %.6f, "longest": %.6f, "refused": %d, "broken": %d, "timed_out": %d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(90) / 1e6, latency:percentile(99) / 1e6,
      latency.max / 1e6, errors.status, errors.connect + errors.read + errors.write, errors.timeout))
end
