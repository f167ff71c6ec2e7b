//! The `stackc` program: hands its arguments to `cli` and ends with the code that it gives.

fn main() -> std::process::ExitCode {
    stackc::cli::main()
}
