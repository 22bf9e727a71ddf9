#include "api/metrics.hpp"

#include "config/version.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <fstream>

namespace evidenced::api {
namespace {

const prometheus::Histogram::BucketBoundaries duration_bounds = {0.001, 0.005, 0.025, 0.1,
                                                                 0.5,   2.5,   10,    60};

prometheus::MetricFamily family_of(const Gauge& gauge) {
  prometheus::MetricFamily family;
  family.name = gauge.name;
  family.help = gauge.help;
  family.type = gauge.only_rises ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
  for (const auto& [label, value] : gauge.values) {
    prometheus::ClientMetric metric;
    const std::size_t blank = gauge.second_label.empty() ? label.npos : label.find(' ');
    if (!gauge.label.empty()) {
      metric.label.push_back({std::string(gauge.label), label.substr(0, blank)});
    }
    if (blank != label.npos) {
      metric.label.push_back({std::string(gauge.second_label), label.substr(blank + 1)});
    }
    (gauge.only_rises ? metric.counter.value : metric.gauge.value) = value;
    family.metric.push_back(std::move(metric));
  }
  return family;
}

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("evidenced_http_requests_total")
          .Help("Requests answered, by operation and status.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& durations =
      prometheus::BuildHistogram()
          .Name("evidenced_http_request_duration_seconds")
          .Help("Time from the request to its answer, without the time of sending it.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& deliveries =
      prometheus::BuildCounter()
          .Name("evidenced_hook_deliveries_total")
          .Help("Webhooks of Bitbucket that came, by outcome.")
          .Register(registry);
};

Metrics::Metrics() : state_(std::make_unique<State>()) {
  prometheus::BuildGauge()
      .Name("evidenced_build_info")
      .Help("1, with the version of this program.")
      .Register(state_->registry)
      .Add({{"version", std::string(version)}})
      .Set(1);
}

Metrics::~Metrics() = default;

void Metrics::count_request(std::string_view operation, int status, SteadyTime::duration taken) {
  const std::string name(operation);
  state_->requests.Add({{"operation", name}, {"status", std::to_string(status)}}).Increment();
  state_->durations.Add({{"operation", name}}, duration_bounds)
      .Observe(std::chrono::duration<double>(taken).count());
}

void Metrics::count_delivery(std::string_view outcome) {
  state_->deliveries.Add({{"outcome", std::string(outcome)}}).Increment();
}

std::string Metrics::text(const std::vector<Gauge>& gauges) const {
  std::vector<prometheus::MetricFamily> families = state_->registry.Collect();
  for (const Gauge& gauge : gauges) families.push_back(family_of(gauge));
  return prometheus::TextSerializer().Serialize(families);
}

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace evidenced::api
