#pragma once

#include "api/message.hpp"
#include "config/clock.hpp"
#include "config/error.hpp"
#include "server/channel.hpp"
#include "server/exchange.hpp"
#include "server/request_reader.hpp"
#include "server/response_writer.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace evidenced::server {

/// Who is at the other end.
struct Peer {
  boost::asio::ip::address remote;
  boost::asio::ip::address local;  ///< where it reached us
};

/// One connection: requests in, answers out, one at a time and in order.
class Session {
 public:
  Session(Exchange& exchange, std::unique_ptr<Stream> stream, Peer peer);

  /// Serves until the connection ends. Its task may be cancelled, as often as one likes, after
  /// `due`, `retire` or `abort`.
  Task<void> run();

  /// For the sweep: whether the current wait has passed its deadline and the task is to be
  /// cancelled.
  bool due(SteadyTime now);

  /// For the sweep: whether the client of a read has left before its answer, and the task is to be
  /// cancelled: a wait then ends early, and whatever is known by then is the answer. True once for
  /// each request.
  bool abandoned();

  /// Ends the connection if it waits for a request that has not begun; true: cancel the task.
  bool retire();

  /// Since when it has been waiting for somebody who has sent no whole request; nullopt while it
  /// works. Used to choose who has to go when the house is full.
  std::optional<SteadyTime> waiting_since() const;

  /// Ends it whatever it does; cancel the task after it.
  void abort() { channel_.abort(); }

  const Peer& peer() const { return peer_; }
  bool is_tls() const { return channel_.is_tls(); }

  std::uint64_t task = 0;  ///< in the task group of the listener

 private:
  /// The request that is being answered.
  struct Turn {
    std::string id;
    SteadyTime begin;
    int version = 11;
    std::string method = "-";
    std::string path;
    std::string instance;  ///< of a problem: the path, where it is known and may be said
    boost::asio::ip::address client;
    bool head_only = false;
    bool abandoned = false;
    bool close = false;
  };

  Task<bool> serve_one();
  Task<Result<bool>> read_head();
  Task<bool> serve_admitted(Admission admission);
  std::optional<Error> overload(const Admission& admission);
  Result<std::size_t> body_limit(const Admission& admission) const;
  Task<Result<void>> read_body();
  api::Request make_request(const Admission& admission);
  Task<api::Response> ask(api::Request request);

  void begin_turn();
  void begin_refused_turn();
  bool from_loopback() const;
  api::Response problem(const Error& error) const;
  Task<bool> refuse(Error error);
  Task<bool> reply(api::Response response);
  Framing framing(const api::Response& response) const;
  std::string frame(api::Response& response);
  Task<bool> send_stream(std::string head, std::unique_ptr<api::BodyStream> stream);
  void log_turn(int status) const;

  Exchange& exchange_;
  Channel channel_;
  RequestReader reader_;
  Peer peer_;
  Turn turn_;
  std::uint32_t requests_ = 0;
  bool refused_ = false;  ///< the last message was not read to its end
};

}  // namespace evidenced::server
