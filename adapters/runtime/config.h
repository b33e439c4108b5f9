// The settings of liandong-adapter (liandong/v1/adapter_config.proto), read and checked as a whole.
#ifndef LIANDONG_ADAPTERS_RUNTIME_CONFIG_H_
#define LIANDONG_ADAPTERS_RUNTIME_CONFIG_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "liandong/v1/adapter_config.pb.h"
#include "liandong/v1/profile.pb.h"

namespace liandong::adapters {

// What the command line says instead of the file. Empty: as the file says.
struct ConfigOverrides {
  std::vector<std::string> hubs;
  std::string data_dir;
  std::string tls_dir;      // folder of the three files of `tls`, whose names stay
  std::string secrets_dir;  // folder of the profiles' secret files, whose names stay
  std::string port_file;
  std::map<std::string, std::string> listen;  // link name -> address of its http or tcp
  std::map<std::string, std::string> peer;    // link name -> base URL of its peer
};

struct AdapterSettings {
  v1::AdapterConfig config;           // defaults filled in, all paths absolute
  std::vector<v1::Profile> profiles;  // one a link, secret files absolute
};

// Reads the file and the profiles it names. InvalidArgument: everything that is wrong with it, one a line, Chinese and
// English, each naming the place and the mend. Secret and certificate files are not opened yet.
absl::StatusOr<AdapterSettings> LoadSettings(const std::string& path, const ConfigOverrides& overrides = {});

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_RUNTIME_CONFIG_H_
