#include "connector/egress/resolve.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <charconv>
#include <memory>
#include <optional>

namespace evidenced::connector {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Endpoints = std::vector<tcp::endpoint>;

/// Shared with the look-up, which may outlive whoever waits for it.
struct LookUp {
  explicit LookUp(const asio::any_io_executor& io) : resolver(io), done(io) {}
  tcp::resolver resolver;
  asio::steady_timer done;
  std::optional<error_code> outcome;
  Endpoints endpoints;
};

std::optional<tcp::endpoint> as_address(const std::string& host, const std::string& port) {
  error_code not_an_address;
  const auto address = asio::ip::make_address(host, not_an_address);
  if (not_an_address) return std::nullopt;
  unsigned short number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  return tcp::endpoint(address, number);
}

void start(const std::shared_ptr<LookUp>& look_up, const std::string& host,
           const std::string& port) {
  look_up->resolver.async_resolve(
      host, port, tcp::resolver::numeric_service,
      [look_up](error_code code, const tcp::resolver::results_type& results) {
        look_up->outcome = code;
        for (const auto& entry : results) look_up->endpoints.push_back(entry.endpoint());
        look_up->done.cancel();
      });
}

}  // namespace

Task<Result<Endpoints>> resolve(std::string host, std::string port,
                                std::chrono::nanoseconds limit) {
  if (const auto address = as_address(host, port)) {
    Endpoints only{*address};
    co_return only;
  }
  auto executor = co_await asio::this_coro::executor;
  auto look_up = std::make_shared<LookUp>(executor);
  start(look_up, host, port);
  look_up->done.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(limit));
  error_code ended;
  co_await look_up->done.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  const bool too_late = look_up->done.expiry() <= asio::steady_timer::clock_type::now();
  if (!look_up->outcome || too_late) {
    look_up->resolver.cancel();
    if (ended && !too_late) co_return fail("upstream.cancelled");
    co_return fail("upstream.dns", "no answer of the resolver within the time allowed");
  }
  if (*look_up->outcome) co_return fail("upstream.dns", look_up->outcome->message());
  co_return std::move(look_up->endpoints);
}

}  // namespace evidenced::connector
