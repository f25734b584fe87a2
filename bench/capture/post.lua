-- wrk's requests, those of workload.py; prints what came of them as one line of JSON.
local file = io.open(os.getenv("BENCH_BODY"))
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
wrk.headers["Accept"] = "application/json"
wrk.headers["Authorization"] = "Bearer abc"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["User-Agent"] = "bench/1.0"

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
