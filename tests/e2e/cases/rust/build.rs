fn main() {
    println!("cargo:rustc-env=SAID_BY_BUILD=, built");
}
