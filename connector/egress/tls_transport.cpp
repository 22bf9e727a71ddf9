#include "connector/egress/tls_transport.hpp"

#include "config/version.hpp"
#include "connector/egress/base_url.hpp"
#include "connector/egress/connection.hpp"
#include "connector/egress/resolve.hpp"
#include "connector/egress/response_reader.hpp"
#include "connector/egress/tls_factory.hpp"
#include "connector/target.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <vector>

namespace evidenced::connector {
namespace {

using boost::asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

constexpr std::chrono::seconds resolve_limit{10};
constexpr std::chrono::seconds addresses_live{60};
constexpr std::chrono::seconds idle_limit{30};

/// The bytes of a request, wiped when they go: they hold the credential.
class RequestHead {
 public:
  RequestHead(const BaseUrl& base, std::string_view user_agent, const GetRequest& request) {
    // Room for all of it at once: growing would leave copies behind that nobody wipes.
    bytes_.reserve(request.target.size() + base.authority.size() + user_agent.size() +
                   request.authorization.reveal().size() + 256);
    bytes_.append("GET ").append(request.target).append(" HTTP/1.1\r\n");
    field("Host", base.authority);
    field("User-Agent", user_agent);
    field("Accept", "application/json");
    field("Accept-Encoding", "gzip");
    if (!request.authorization.empty()) field("Authorization", request.authorization.reveal());
    bytes_ += "\r\n";
  }
  RequestHead(const RequestHead&) = delete;
  RequestHead& operator=(const RequestHead&) = delete;
  ~RequestHead() { wipe(bytes_); }

  std::string_view bytes() const { return bytes_; }

 private:
  void field(std::string_view name, std::string_view value) {
    bytes_.append(name).append(": ").append(value).append("\r\n");
  }
  std::string bytes_;
};

bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// The idle connections, the latest used first, so that a quiet hour lets most of them go.
class Pool {
 public:
  Pool(Clock& clock, std::size_t capacity) : clock_(clock), capacity_(capacity) {}

  std::unique_ptr<HttpConnection> take() {
    while (!idle_.empty()) {
      Idle last = std::move(idle_.back());
      idle_.pop_back();
      const bool fresh = clock_.steady() - last.since < idle_limit;
      if (fresh && last.connection->quiet()) return std::move(last.connection);
    }
    return nullptr;
  }

  void give_back(std::unique_ptr<HttpConnection> connection) {
    const SteadyTime now = clock_.steady();
    std::erase_if(idle_, [&](const Idle& idle) { return now - idle.since >= idle_limit; });
    if (idle_.size() < capacity_ && connection->quiet())
      idle_.push_back({std::move(connection), now});
  }

 private:
  struct Idle {
    std::unique_ptr<HttpConnection> connection;
    SteadyTime since;
  };
  Clock& clock_;
  std::size_t capacity_;
  std::vector<Idle> idle_;
};

class TlsTransport final : public HttpTransport {
 public:
  TlsTransport(boost::asio::any_io_executor io, Clock& clock, const TlsTransportOptions& options,
               BaseUrl base, std::unique_ptr<TlsFactory> factory)
      : io_(std::move(io)),
        clock_(clock),
        limits_{.header = options.header_limit,
                .body = options.body_limit,
                .gzip_ratio = static_cast<std::size_t>(options.gzip_ratio_limit)},
        user_agent_(options.user_agent),
        base_(std::move(base)),
        factory_(std::move(factory)),
        pool_(clock, static_cast<std::size_t>(options.connections)) {}

  Task<Result<HttpResponse>> get(GetRequest request) override;
  std::string_view origin() const override { return base_.origin; }

 private:
  Task<Result<HttpResponse>> ask(const GetRequest* request);
  Task<Result<std::unique_ptr<HttpConnection>>> connect(SteadyTime deadline);
  Task<Result<Endpoints>> addresses(SteadyTime deadline);

  boost::asio::any_io_executor io_;
  Clock& clock_;
  ResponseReader::Limits limits_;
  std::string user_agent_;
  BaseUrl base_;
  std::unique_ptr<TlsFactory> factory_;  // before the pool: it outlives the connections
  Pool pool_;
  Endpoints addresses_;
  SteadyTime addresses_until_{};
};

Task<Result<HttpResponse>> TlsTransport::get(GetRequest request) {
  if (!is_origin_form(request.target))
    co_return fail("upstream.foreign_link", "the request target is no path");
  if (!is_field_value(request.authorization.reveal()))
    co_return fail("credential.token_malformed", "the authorization cannot be sent in a header");
  try {
    Result<HttpResponse> response = co_await ask(&request);
    co_return response;
  } catch (const boost::system::system_error& error) {
    // A wait of ours was entered after the caller had been cancelled.
    if (error.code() != boost::asio::error::operation_aborted) throw;
  }
  co_return fail("upstream.cancelled");
}

Task<Result<HttpResponse>> TlsTransport::ask(const GetRequest* request) {
  const SteadyTime deadline = clock_.steady() + request->timeout;
  const RequestHead head(base_, user_agent_, *request);
  std::unique_ptr<HttpConnection> connection = pool_.take();
  bool pooled = connection != nullptr;
  while (true) {
    if (!connection) {
      Result<std::unique_ptr<HttpConnection>> opened = co_await connect(deadline);
      if (!opened) co_return fail(opened);
      connection = std::move(*opened);
    }
    ResponseReader reader(limits_);
    const Result<void> outcome = co_await connection->exchange(head.bytes(), &reader, deadline);
    if (outcome) {
      if (reader.reusable()) pool_.give_back(std::move(connection));
      co_return reader.take();
    }
    // The server may close an idle connection while the request is on its way. Nothing was
    // answered and a GET changes nothing, so it goes out once more, on a new connection.
    const bool stale =
        pooled && !reader.anything_received() && outcome.error().code == "upstream.reset";
    if (!stale) co_return fail(outcome);
    connection.reset();
    pooled = false;
  }
}

Task<Result<std::unique_ptr<HttpConnection>>> TlsTransport::connect(SteadyTime deadline) {
  Result<Endpoints> endpoints = co_await addresses(deadline);
  if (!endpoints) co_return fail(endpoints);
  auto connection = std::make_unique<HttpConnection>(io_, *factory_, clock_);
  const Result<void> opened = co_await connection->open(std::move(*endpoints), deadline);
  if (!opened) {
    addresses_until_ = SteadyTime{};  // the next one looks them up anew
    co_return fail(opened);
  }
  co_return connection;
}

Task<Result<Endpoints>> TlsTransport::addresses(SteadyTime deadline) {
  const SteadyTime now = clock_.steady();
  if (now < addresses_until_) co_return addresses_;
  const auto limit = std::min<std::chrono::nanoseconds>(deadline - now, resolve_limit);
  Result<Endpoints> found = co_await resolve(base_.host, base_.port, limit);
  if (!found) co_return fail(found);
  addresses_ = *found;
  addresses_until_ = now + addresses_live;
  co_return found;
}

}  // namespace

Result<std::unique_ptr<HttpTransport>> make_tls_transport(boost::asio::any_io_executor io,
                                                          Clock& clock,
                                                          TlsTransportOptions options) {
  Result<BaseUrl> base = parse_base_url(options.base_url);
  if (!base) return fail(base);
  if (options.user_agent.empty()) options.user_agent = "evidenced/" + std::string(version);
  if (!is_field_value(options.user_agent))
    return fail("config.invalid", "the user agent has characters that no header has");
  Result<std::unique_ptr<TlsFactory>> factory = TlsFactory::create(*base, options.ca_file);
  if (!factory) return fail(factory);
  return std::make_unique<TlsTransport>(std::move(io), clock, options, std::move(*base),
                                        std::move(*factory));
}

}  // namespace evidenced::connector
