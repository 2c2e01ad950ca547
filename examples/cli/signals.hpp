// SPDX-License-Identifier: BSD-3-Clause
// What programs that write files do when a signal ends them.
#pragma once

#include <csignal>

#include "gpuimg/io/file_replacement.hpp"

namespace gpuimg::cli {

/// From here on, signals that end the program, and drivers that do so by abort, remove what it has
/// half written first. Signals that are ignored, as nohup wants it, stay ignored.
inline void clean_up_on_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGABRT})
    if (std::signal(signal, [](int number) {
          io::remove_temporary_files();
          std::signal(number, SIG_DFL);
          std::raise(number);
        }) == SIG_IGN)
      std::signal(signal, SIG_IGN);
}

}  // namespace gpuimg::cli
