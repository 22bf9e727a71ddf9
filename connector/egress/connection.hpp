#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "connector/egress/response_reader.hpp"
#include "connector/egress/tls_factory.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::connector {

/// One encrypted connection to the base host. After any error it is of no use and is dropped; the
/// socket goes with it. One call at a time.
class HttpConnection {
 public:
  /// Factory and clock outlive it.
  HttpConnection(boost::asio::any_io_executor io, TlsFactory& factory, Clock& clock)
      : io_(std::move(io)), factory_(factory), clock_(clock) {}
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  ~HttpConnection();

  /// Connects to the first of `endpoints` that answers, and shakes hands, within `deadline` and the
  /// limits of the phases (10 s each). Nothing of HTTP is sent. Errors: upstream.connect,
  /// .tls_*, .timeout, .reset, .cancelled.
  Task<Result<void>> open(std::vector<boost::asio::ip::tcp::endpoint> endpoints,
                          SteadyTime deadline);

  /// Sends `head` and receives one answer into `reader`; both outlive the call. Errors:
  /// upstream.timeout, .reset, .truncated, .cancelled, and those of the reader.
  Task<Result<void>> exchange(std::string_view head, ResponseReader* reader, SteadyTime deadline);

  /// Whether an idle connection may be used again: open, and nothing has arrived since (bytes that
  /// nobody asked for would be taken for the next answer).
  bool quiet() const;

 private:
  Task<Result<void>> connect(std::vector<boost::asio::ip::tcp::endpoint> endpoints,
                             SteadyTime deadline);
  Task<Result<void>> shake_hands(SteadyTime deadline);
  void expire(SteadyTime deadline);

  boost::asio::any_io_executor io_;
  TlsFactory& factory_;
  Clock& clock_;
  std::unique_ptr<TlsStream> stream_;
};

}  // namespace evidenced::connector
