#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace evidenced::simulator {

/// A certificate with its key, both PEM.
struct Certificate {
  std::string certificate;
  std::string key;
};

struct CertificateOptions {
  std::string name = "localhost";                   ///< the common name
  std::vector<std::string> hosts{"localhost"};      ///< DNS names
  std::vector<std::string> addresses{"127.0.0.1"};  ///< IP addresses
  long valid_from_seconds = -3600;                  ///< relative to now
  long valid_to_seconds = 30L * 86400;
};

/// A certificate authority that exists for one run: P-256 keys, made at once. Its certificates
/// carry the key identifiers that strict verifiers ask for (RFC 5280, 4.2.1.1 and 4.2.1.2). Throws
/// std::runtime_error when OpenSSL fails.
class PrivateCa {
 public:
  PrivateCa();

  const std::string& certificate() const { return root_.certificate; }  ///< PEM
  Certificate issue(const CertificateOptions& options = {}) const;
  static Certificate self_signed(const CertificateOptions& options = {});

 private:
  Certificate root_;
};

}  // namespace evidenced::simulator
