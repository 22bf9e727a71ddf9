#include "server/cli/client_stream.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <optional>

namespace evidenced::cli {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

class SocketStream final : public ClientStream {
 public:
  SocketStream(const Endpoint& endpoint, std::chrono::seconds timeout, bool each_step)
      : timeout_(timeout), each_step_(each_step), deadline_(Clock::now() + timeout) {
    open(endpoint);
    if (problem_.empty() && endpoint.tls) shake_hands(endpoint);
  }

  const std::string& problem() const override { return problem_; }

  std::string write(std::string_view bytes) override {
    if (bytes.empty()) return "";
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    const Step step = run([&](auto handler) {
      if (tls_) {
        asio::async_write(*tls_, buffer, std::move(handler));
      } else {
        asio::async_write(socket_, buffer, std::move(handler));
      }
    });
    return step.problem;
  }

  Received read_some(void* data, std::size_t size) override {
    const auto buffer = asio::buffer(data, size);
    const Step step = run([&](auto handler) {
      if (tls_) {
        tls_->async_read_some(buffer, std::move(handler));
      } else {
        socket_.async_read_some(buffer, std::move(handler));
      }
    });
    const bool ended =
        step.code == asio::error::eof || step.code == asio::ssl::error::stream_truncated;
    return {step.size, ended ? "" : step.problem};
  }

 private:
  using Clock = std::chrono::steady_clock;

  struct Step {
    error_code code;
    std::size_t size = 0;
    std::string problem;
  };

  /// Starts an operation and turns the loop until it is done or its time is up.
  template <class Start>
  Step run(Start start) {
    Step step;
    bool done = false;
    start([&](error_code code, std::size_t size = 0) {
      step.code = code;
      step.size = size;
      done = true;
    });
    io_.restart();
    const Clock::time_point until = each_step_ ? Clock::now() + timeout_ : deadline_;
    while (!done && io_.run_one_until(until) > 0) {
    }
    if (!done) {
      resolver_.cancel();
      error_code ignored;
      socket_.close(ignored);
      io_.restart();
      io_.run();  // the handler refers to this frame: it must have run
      step.problem = fmt::format("no answer within {} s", timeout_.count());
    } else if (step.code) {
      step.problem = step.code.message();
    }
    return step;
  }

  void open(const Endpoint& endpoint) {
    tcp::resolver::results_type found;
    const Step resolved = run([&](auto handler) {
      resolver_.async_resolve(endpoint.host, endpoint.port,
                              [&found, done = std::move(handler)](
                                  error_code code, const tcp::resolver::results_type& r) mutable {
                                found = r;
                                done(code);
                              });
    });
    if (!resolved.problem.empty()) {
      problem_ = "the name cannot be resolved: " + resolved.problem;
      return;
    }
    const Step connected = run([&](auto handler) {
      asio::async_connect(socket_, found,
                          [done = std::move(handler)](
                              error_code code, const tcp::endpoint&) mutable { done(code); });
    });
    problem_ = connected.problem;
  }

  void shake_hands(const Endpoint& endpoint) {
    error_code failure;
    context_.set_default_verify_paths(failure);
    if (!endpoint.ca_file.empty()) context_.load_verify_file(endpoint.ca_file, failure);
    if (failure) {
      problem_ = fmt::format("{}: {}", endpoint.ca_file, failure.message());
      return;
    }
    tls_.emplace(socket_, context_);
    SSL_set_min_proto_version(tls_->native_handle(), TLS1_2_VERSION);
    if (endpoint.verify) {
      tls_->set_verify_mode(asio::ssl::verify_peer);
      tls_->set_verify_callback(asio::ssl::host_name_verification(endpoint.host));
    }
    error_code not_an_address;
    asio::ip::make_address(endpoint.host, not_an_address);
    if (not_an_address) SSL_set_tlsext_host_name(tls_->native_handle(), endpoint.host.c_str());
    const Step step = run([&](auto handler) {
      tls_->async_handshake(asio::ssl::stream_base::client, std::move(handler));
    });
    if (step.problem.empty()) return;
    const long verdict = SSL_get_verify_result(tls_->native_handle());
    problem_ = verdict == X509_V_OK ? "TLS: " + step.problem
                                    : fmt::format("the certificate is not trusted: {} (--ca-file)",
                                                  X509_verify_cert_error_string(verdict));
  }

  std::chrono::seconds timeout_;
  bool each_step_;
  Clock::time_point deadline_;
  std::string problem_;
  asio::io_context io_{1};
  tcp::resolver resolver_{io_};
  tcp::socket socket_{io_};
  asio::ssl::context context_{asio::ssl::context::tls_client};
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
};

}  // namespace

std::unique_ptr<ClientStream> connect(const Endpoint& endpoint, std::chrono::seconds timeout,
                                      bool each_step) {
  return std::make_unique<SocketStream>(endpoint, timeout, each_step);
}

}  // namespace evidenced::cli
