#include "server/listener.hpp"

#include "config/listen_address.hpp"
#include "config/log.hpp"
#include "server/memory_watch.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <utility>

namespace evidenced::server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto accept_pause = std::chrono::milliseconds(100);  // accept() without descriptors spins
constexpr auto room_pause = std::chrono::milliseconds(20);
constexpr auto complaint_interval = std::chrono::seconds(10);

/// Takes the address as it looks to people: IPv4 that came in through an IPv6 socket is IPv4.
asio::ip::address plain(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

Result<tcp::endpoint> parse_endpoint(const std::string& listen) {
  const std::optional<ListenAddress> parsed = parse_listen_address(listen);
  boost::system::error_code no_address;
  const auto address = asio::ip::make_address(parsed ? parsed->address : "", no_address);
  if (no_address) {
    return fail("address.unusable",
                fmt::format("server.listen \"{}\" is not address:port.", listen));
  }
  return tcp::endpoint(address, parsed->port);
}

Result<tcp::acceptor> open_acceptor(const asio::any_io_executor& io, const std::string& listen) {
  const Result<tcp::endpoint> endpoint = parse_endpoint(listen);
  if (!endpoint) return fail(endpoint);
  tcp::acceptor acceptor(io);
  boost::system::error_code error;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint->protocol() == tcp::v6()) {
    acceptor.set_option(asio::ip::v6_only(false), error);
  }
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    return fail("address.in_use", fmt::format("{} is in use by another program.", listen));
  }
  if (error) return fail("address.unusable", fmt::format("{}: {}.", listen, error.message()));
  return acceptor;
}

/// A connection's coroutine: it keeps the session, and its place in the house, until the end.
Task<void> serve(std::shared_ptr<Session> session, Connections& house) {
  const Connections::Entry entry(house, *session);
  co_await session->run();
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(asio::any_io_executor io,
                                                 const std::string& listen, Exchange& exchange,
                                                 std::optional<TlsServer> tls) {
  Result<tcp::acceptor> acceptor = open_acceptor(io, listen);
  if (!acceptor) return fail(acceptor);
  return std::unique_ptr<Listener>(
      new Listener(std::move(io), std::move(*acceptor), exchange, std::move(tls)));
}

Listener::Listener(asio::any_io_executor io, tcp::acceptor acceptor, Exchange& exchange,
                   std::optional<TlsServer> tls)
    : exchange_(exchange),
      tls_(std::move(tls)),
      acceptor_(std::move(acceptor)),
      spare_(io, tcp::v4()),
      house_(exchange.limits),
      sessions_(io),
      keepers_(io) {}

Listener::~Listener() = default;

std::string Listener::address() const {
  boost::system::error_code closed;
  const tcp::endpoint endpoint = acceptor_.local_endpoint(closed);
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port())
                                    : fmt::format("{}:{}", host, endpoint.port());
}

void Listener::start() {
  keepers_.spawn("accept", accept_loop());
  keepers_.spawn("deadlines", sweep_loop());
}

Task<void> Listener::accept_loop() {
  co_await asio::this_coro::throw_if_cancelled(false);
  constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
  while (!stopping_) {
    if (house_.full()) {
      co_await make_room();
      continue;
    }
    auto accepted = co_await acceptor_.async_accept(as_values);
    const boost::system::error_code error = std::get<0>(accepted);
    if (stopping_) break;
    if (!error) {
      admit(std::move(std::get<1>(accepted)));
    } else if (error != asio::error::connection_aborted) {
      co_await back_off(error);
    }
  }
}

Task<void> Listener::back_off(boost::system::error_code error) {
  const SteadyTime now = exchange_.clock.steady();
  if (now - last_complaint_ >= complaint_interval) {
    last_complaint_ = now;
    log::warning("cannot accept connections", {{"error", error.message()}});
  }
  if (error == asio::error::no_descriptors) {
    // With the spare descriptor one caller is told to go, instead of waiting for nothing.
    boost::system::error_code ignored;
    spare_.close(ignored);
    acceptor_.non_blocking(true, ignored);
    tcp::socket unserved = acceptor_.accept(ignored);
    unserved.close(ignored);
    spare_.open(tcp::v4(), ignored);
    ++exchange_.counters.turned_away;
  }
  co_await exchange_.clock.sleep_for(accept_pause);
}

/// The house is full: who has waited longest for its client goes, so that a flood of silent
/// connections cannot keep out those that have something to say.
Task<void> Listener::make_room() {
  Session* chosen = house_.longest_waiting(exchange_.clock.steady());
  if (chosen != nullptr) {
    chosen->abort();
    sessions_.cancel(chosen->task);
    ++exchange_.counters.turned_away;
  }
  co_await exchange_.clock.sleep_for(room_pause);
}

void Listener::admit(tcp::socket socket) {
  boost::system::error_code gone;
  const tcp::endpoint remote = socket.remote_endpoint(gone);
  const tcp::endpoint local = socket.local_endpoint(gone);
  if (gone) return;
  const Peer peer{plain(remote.address()), plain(local.address())};
  ++exchange_.counters.accepted;
  const bool crowded =
      house_.full_for(client_key(peer.remote)) && !exchange_.proxies.trusts(peer.remote);
  if (crowded || (tls_ && house_.full_of_tls())) return turn_away(std::move(socket));
  socket.set_option(tcp::no_delay(true), gone);
  std::unique_ptr<Stream> stream =
      tls_ ? tls_->wrap(std::move(socket)) : make_plain_stream(std::move(socket));
  auto session = std::make_shared<Session>(exchange_, std::move(stream), peer);
  session->task = sessions_.spawn("connection", serve(session, house_));
}

/// Says why, if that takes no waiting, and closes.
void Listener::turn_away(tcp::socket socket) {
  ++exchange_.counters.turned_away;
  if (tls_) return;
  Error error;
  error.code = "capacity.reduced";
  error.detail = "Too many connections from this address.";
  const std::string id = exchange_.ids.next(exchange_.clock.now());
  const api::Response response = api::problem_response(error, id);
  Framing framing;
  framing.date = exchange_.date.at(exchange_.clock.now());
  framing.request_id = id;
  framing.close = true;
  std::string bytes;
  if (!write_head(bytes, response, framing)) return;
  bytes += response.body;
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(bytes), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

Task<void> Listener::sweep_loop() {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!stopping_ || house_.size() > 0) {
    co_await exchange_.clock.sleep_for(exchange_.limits.sweep);
    cancel(house_.due(exchange_.clock.steady()));
    const bool was_shedding = exchange_.shedding;
    exchange_.shedding = memory_is_short(exchange_.limits.memory_budget);
    if (exchange_.shedding != was_shedding) {
      log::warning(exchange_.shedding ? "memory is short" : "memory is sufficient again",
                   {{"resident_bytes", resident_bytes()}});
    }
  }
}

void Listener::cancel(const std::vector<std::uint64_t>& tasks) {
  for (const std::uint64_t task : tasks) sessions_.cancel(task);
}

Result<void> Listener::reload_certificate() {
  if (!tls_) return {};
  return tls_->reload();
}

void Listener::drain() {
  stopping_ = true;
  exchange_.draining = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  keepers_.cancel();  // the sweep goes on while there are connections
  cancel(house_.retire());
}

void Listener::abort() {
  cancel(house_.abort());
}

Task<void> Listener::join() {
  co_await sessions_.join();
  keepers_.cancel();
  co_await keepers_.join();
}

}  // namespace evidenced::server
