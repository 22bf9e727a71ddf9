#include "tests/server/server_fixture.hpp"

#include "config/log.hpp"
#include "server/console_files.hpp"

#include <boost/asio/co_spawn.hpp>

#include <charconv>
#include <new>
#include <stdexcept>
#include <utility>

namespace evidenced::server {
namespace {

int number_in(std::string_view target) {
  int number = 0;
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return 0;
  std::from_chars(target.data() + mark + 1, target.data() + target.size(), number);
  return number;
}

class CountedStream final : public api::BodyStream {
 public:
  explicit CountedStream(int pieces) : pieces_(pieces) {}

  Task<Result<std::string>> next() override {
    if (pieces_ < 0 && given_ == 1) co_return fail("storage.busy");
    if (given_ == pieces_) co_return std::string();
    ++given_;
    co_return std::string(1000, 's');
  }
  std::vector<std::pair<std::string, std::string>> trailers() const override {
    return {{"Evidenced-Count", std::to_string(given_)}};
  }
  std::vector<std::string> trailer_names() const override { return {"Evidenced-Count"}; }

 private:
  int pieces_;
  int given_ = 0;
};

}  // namespace

Handler SmallHandler::handler() {
  Handler handler;
  handler.handle = [this](api::Request request, std::string buffer) {
    return handle(std::move(request), std::move(buffer));
  };
  handler.body_rule = [](api::Method, std::string_view target) -> Result<BodyRule> {
    if (target.starts_with("/echo")) return BodyRule{.limit = 1024 * 1024};
    if (target.starts_with("/upload")) return BodyRule{.limit = 1024 * 1024, .chunked = true};
    return fail("resource.not_found");
  };
  return handler;
}

Task<api::Response> SmallHandler::handle(api::Request request, std::string buffer) {
  ++calls;
  api::Response response;
  response.set("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(buffer);
  const std::string_view target = request.target;
  if (target == "/hello" || target == "/livez") {
    response.body = "hello";
  } else if (target.starts_with("/echo")) {
    response.body = request.body;
  } else if (target.starts_with("/upload")) {
    response.body = std::to_string(request.body.size());
  } else if (target.starts_with("/headers")) {
    for (const auto& [name, value] : request.headers) response.body += name + ": " + value + "\n";
    response.body += "peer " + request.peer_address;
    response.body += request.peer_is_loopback ? " loopback\n" : "\n";
  } else if (target.starts_with("/big")) {
    response.body.assign(static_cast<std::size_t>(number_in(target)), 'x');
  } else if (target.starts_with("/stream-breaks")) {
    response.stream = std::make_unique<CountedStream>(-1);
  } else if (target.starts_with("/stream")) {
    response.stream = std::make_unique<CountedStream>(number_in(target));
  } else if (target.starts_with("/sleep")) {
    ++asleep;
    co_await clock_.sleep_for(std::chrono::milliseconds(number_in(target)));
    --asleep;
    response.body = "slept";
  } else if (target == "/throw") {
    throw std::runtime_error("planted");
  } else if (target == "/throw-int") {
    throw 7;
  } else if (target == "/throw-alloc") {
    throw std::bad_alloc();
  } else if (target == "/split") {
    response.set("Location", "/n\r\nSet-Cookie: stolen=1");
  } else {
    response = api::problem_response(fail("resource.not_found").error(), request.request_id);
  }
  co_return response;
}

Limits TestServer::test_limits() {
  Limits limits;
  limits.anonymous_rate = 1e6;
  limits.anonymous_burst = 1e6;
  limits.memory_budget = std::size_t{16} << 30;  // sanitizers need room
  return limits;
}

TestServer::TestServer(Options options) : small_(clock_) {
  log::set_level(log::Level::off);
  options.settings.listen = "127.0.0.1:0";
  HostNames hosts(options.settings);
  Proxies proxies = Proxies::parse(options.settings.trusted_proxies).value();
  exchange_ = std::make_unique<Exchange>(with_console(small_.handler(), options.console, clock_),
                                         options.limits, std::move(hosts), std::move(proxies),
                                         clock_, random_);
  std::optional<TlsServer> tls;
  if (!options.tls_certificate.empty()) {
    tls = TlsServer::load(options.tls_certificate, options.tls_key).value();
  }
  listener_ =
      Listener::open(io_.get_executor(), options.settings.listen, *exchange_, std::move(tls))
          .value();
  const std::string address = listener_->address();
  port_ = static_cast<unsigned short>(std::stoi(address.substr(address.rfind(':') + 1)));
  work_.emplace(io_.get_executor());
  listener_->start();
  thread_ = std::thread([this] { io_.run(); });
}

std::chrono::milliseconds TestServer::stop(std::chrono::milliseconds grace) {
  const auto begin = std::chrono::steady_clock::now();
  stopped_ = true;
  on_io([this] {
    listener_->drain();
    return 0;
  });
  std::future<void> joined = boost::asio::co_spawn(io_, listener_->join(), boost::asio::use_future);
  if (joined.wait_for(grace) != std::future_status::ready) {
    on_io([this] {
      listener_->abort();
      return 0;
    });
  }
  joined.get();
  work_.reset();
  thread_.join();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

TestServer::~TestServer() {
  if (!stopped_) stop(std::chrono::milliseconds(0));
}

}  // namespace evidenced::server
