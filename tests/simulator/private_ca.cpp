#include "tests/simulator/private_ca.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace evidenced::simulator {
namespace {

template <auto free_function>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    free_function(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using X509Pointer = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

std::string text_of(BIO* bio) {
  BUF_MEM* memory = nullptr;
  BIO_get_mem_ptr(bio, &memory);
  return {memory->data, memory->length};
}

std::string pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "key");
  return text_of(bio.get());
}

std::string pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(bio.get(), certificate) == 1, "certificate");
  return text_of(bio.get());
}

Bio reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  must(extension != nullptr, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509Pointer draft(const CertificateOptions& options, EVP_PKEY* key) {
  X509Pointer made(X509_new());
  X509_set_version(made.get(), 2);
  unsigned char serial[8];
  must(RAND_bytes(serial, sizeof serial) == 1, "random");
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7fU) | 1U);
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(made.get()));
  BN_free(number);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), options.valid_from_seconds);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), options.valid_to_seconds);
  X509_set_pubkey(made.get(), key);
  const std::vector<unsigned char> name(options.name.begin(), options.name.end());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8, name.data(),
                             static_cast<int>(name.size()), -1, 0);
  return made;
}

std::string alternative_names(const CertificateOptions& options) {
  std::string names;
  for (const std::string& host : options.hosts) names += (names.empty() ? "DNS:" : ",DNS:") + host;
  for (const std::string& address : options.addresses)
    names += (names.empty() ? "IP:" : ",IP:") + address;
  return names;
}

Certificate finish(X509* certificate, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  extend(certificate, issuer, NID_subject_key_identifier, "hash");
  if (certificate != issuer)
    extend(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  must(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "signature");
  return {pem(certificate), pem(key)};
}

}  // namespace

PrivateCa::PrivateCa() {
  const Key key(EVP_EC_gen("P-256"));
  must(key != nullptr, "key");
  CertificateOptions options;
  options.name = "bitbucket-sim private CA";
  const X509Pointer made = draft(options, key.get());
  extend(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  root_ = finish(made.get(), key.get(), made.get(), key.get());
}

Certificate PrivateCa::issue(const CertificateOptions& options) const {
  const Key key(EVP_EC_gen("P-256"));
  const X509Pointer made = draft(options, key.get());
  const X509Pointer issuer(
      PEM_read_bio_X509(reader(root_.certificate).get(), nullptr, nullptr, nullptr));
  const Key issuer_key(PEM_read_bio_PrivateKey(reader(root_.key).get(), nullptr, nullptr, nullptr));
  must(key != nullptr && issuer != nullptr && issuer_key != nullptr, "issue");
  extend(made.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  extend(made.get(), issuer.get(), NID_ext_key_usage, "serverAuth");
  extend(made.get(), issuer.get(), NID_subject_alt_name, alternative_names(options));
  return finish(made.get(), key.get(), issuer.get(), issuer_key.get());
}

Certificate PrivateCa::self_signed(const CertificateOptions& options) {
  const Key key(EVP_EC_gen("P-256"));
  must(key != nullptr, "key");
  const X509Pointer made = draft(options, key.get());
  extend(made.get(), made.get(), NID_subject_alt_name, alternative_names(options));
  return finish(made.get(), key.get(), made.get(), key.get());
}

}  // namespace evidenced::simulator
