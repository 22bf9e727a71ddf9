#pragma once

#include "api/message.hpp"
#include "config/error.hpp"
#include "server/host_names.hpp"
#include "server/limits.hpp"
#include "server/request_head.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>

namespace evidenced::server {

/// What the guard found out about a request that may go on.
struct Admission {
  api::Method method = api::Method::get;
  std::string target;             ///< origin form, or "*" with OPTIONS: the server itself
  std::uint64_t body_length = 0;  ///< as declared
  bool chunked = false;
  bool expects_continue = false;  ///< and has a body to wait for
  bool keep_alive = true;
};

/// Decides, after the parser has read a head, whether the message may be believed. The parser
/// (Beast of Boost 1.81 to 1.91) accepts messages that two servers in a row would understand
/// differently; each row of the table of measured verdicts in its notes is refused here. A refused
/// message ends its connection: nothing after it can be trusted to be a request.
class RequestGuard {
 public:
  RequestGuard(const Limits& limits, const HostNames& hosts) : limits_(limits), hosts_(hosts) {}

  /// `local` is the address at which the client reached us. Errors: request.malformed,
  /// request.method, request.not_implemented, request.misdirected, request.expectation.
  Result<Admission> admit(const RequestHead& head, const boost::asio::ip::address& local) const;

 private:
  Result<void> check_target(const RequestHead& head, const boost::asio::ip::address& local,
                            Admission& admission) const;
  Result<void> check_framing(const RequestHead& head, Admission& admission) const;

  const Limits& limits_;
  const HostNames& hosts_;
};

/// The methods of the API, as the Allow field of a refused method lists them.
inline constexpr std::string_view allowed_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Whether the bodies of requests with this method mean nothing and are dropped.
bool ignores_body(api::Method method);

}  // namespace evidenced::server
