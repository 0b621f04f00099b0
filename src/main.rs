//! The `lienthong` program: reads its arguments and hands over to the command line room.

fn main() -> std::process::ExitCode {
    lienthong::cli::main()
}
