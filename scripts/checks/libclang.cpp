// Loads a libclang as bindgen does, at run time, and parses C headers with it.
//
//   libclang LIBRARY [clang arguments…]
//
// A library can be there and of no use: of another architecture, without the compiler's own headers
// (stddef.h), without the C library's. Prints what libclang says and exits with 1 then. That this file
// compiles, links and runs at all shows a C++20 compiler, which RocksDB needs.
#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <type_traits>

#include <dlfcn.h>

namespace {

// The part of clang-c/Index.h that is used here.
struct Text {
    const void *data;
    unsigned flags;
};
struct Unsaved {
    const char *name;
    const char *contents;
    unsigned long length;
};
constexpr unsigned kError = 3;

template <typename Function>
    requires std::is_pointer_v<Function>
Function find(void *library, const char *name) {
    if (void *symbol = dlsym(library, name)) return reinterpret_cast<Function>(symbol);
    std::printf("it has no %s\n", name);
    std::exit(1);
}

}  // namespace

int main(int count, char **arguments) {
    if (count < 2 || !std::filesystem::exists(arguments[1])) {
        std::puts("usage: libclang LIBRARY [clang arguments…]");
        return 2;
    }
    void *library = dlopen(arguments[1], RTLD_NOW);
    if (library == nullptr) {
        std::printf("it cannot be loaded: %s\n", dlerror());
        return 1;
    }
    const auto create = find<void *(*)(int, int)>(library, "clang_createIndex");
    const auto parse = find<void *(*)(void *, const char *, const char *const *, int, const Unsaved *, unsigned, unsigned)>(
        library, "clang_parseTranslationUnit");
    const auto number = find<unsigned (*)(void *)>(library, "clang_getNumDiagnostics");
    const auto diagnostic = find<void *(*)(void *, unsigned)>(library, "clang_getDiagnostic");
    const auto severity = find<unsigned (*)(void *)>(library, "clang_getDiagnosticSeverity");
    const auto format = find<Text (*)(void *, unsigned)>(library, "clang_formatDiagnostic");
    const auto text = find<const char *(*)(Text)>(library, "clang_getCString");

    const std::string header = "#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <stdlib.h>\n";
    const Unsaved file{"header.h", header.c_str(), header.size()};
    void *unit = parse(create(0, 0), file.name, arguments + 2, count - 2, &file, 1, 0);
    if (unit == nullptr) {
        std::puts("it parses no header");
        return 1;
    }
    for (unsigned i = 0; i < number(unit); i++) {
        void *found = diagnostic(unit, i);
        if (severity(found) >= kError) {
            std::puts(text(format(found, 1)));
            return 1;
        }
    }
    return 0;
}
