#include "tests/simulator/sim_transport.hpp"

#include <boost/asio/this_coro.hpp>

#include <optional>

namespace evidenced::simulator {
namespace {

/// What a client notices of damage, whenever it has noticed it.
std::optional<Error> noticed(Damage damage) {
  const auto error = [](Code code) {
    Error made;
    made.code = code;
    return std::optional(std::move(made));
  };
  switch (damage) {
    case Damage::reset_before:
    case Damage::reset_mid_body:
      return error("upstream.reset");
    case Damage::truncate:
    case Damage::gzip_truncate:
    case Damage::gzip_corrupt:
      return error("upstream.truncated");
    case Damage::gzip_bomb:
      return error("upstream.oversized");
    default:
      return std::nullopt;
  }
}

class SimTransport final : public connector::HttpTransport {
 public:
  SimTransport(Answering answering, Clock& clock, SimTransportOptions options)
      : answering_(std::move(answering)), clock_(clock), options_(std::move(options)) {}

  std::string_view origin() const override { return options_.origin; }

  Task<Result<connector::HttpResponse>> get(connector::GetRequest request) override {
    if (!request.target.starts_with('/')) co_return fail("upstream.foreign_link");
    SimRequest sent;
    sent.target = request.target;
    sent.headers = {{"host", options_.origin.substr(options_.origin.find("//") + 2)},
                    {"accept", "application/json"},
                    {"accept-encoding", "gzip"}};
    const std::string_view authorization = request.authorization.reveal();
    if (!authorization.empty()) sent.headers.emplace_back("authorization", authorization);
    SimResponse answer = answering_(sent);

    std::chrono::milliseconds wait = options_.latency;
    if (answer.damage == Damage::slow) wait += answer.delay;
    const bool late = answer.damage == Damage::never || wait >= request.timeout;
    if (late) wait = request.timeout;
    co_await clock_.sleep_for(wait);
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none)
      co_return fail("upstream.cancelled");
    if (late) co_return fail("upstream.timeout");
    if (auto error = noticed(answer.damage)) co_return std::unexpected(std::move(*error));
    if (answer.body.size() > options_.body_limit) co_return fail("upstream.oversized");
    connector::HttpResponse response;
    response.status = answer.status;
    response.headers = std::move(answer.headers);
    response.body = std::move(answer.body);
    co_return response;
  }

 private:
  Answering answering_;
  Clock& clock_;
  SimTransportOptions options_;
};

}  // namespace

std::unique_ptr<connector::HttpTransport> make_sim_transport(Simulator& simulator, Clock& clock,
                                                             SimTransportOptions options) {
  return make_sim_transport([&simulator](const SimRequest& r) { return simulator.answer(r); },
                            clock, std::move(options));
}

std::unique_ptr<connector::HttpTransport> make_sim_transport(Answering answering, Clock& clock,
                                                             SimTransportOptions options) {
  return std::make_unique<SimTransport>(std::move(answering), clock, std::move(options));
}

}  // namespace evidenced::simulator
