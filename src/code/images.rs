//! Faults of images: their programs, their packages, and where their files are written.

super::define::codes! {
    /// The program of an image runs as root.
    ///
    /// Whoever takes over the program then owns the container. Leave `user` out, and it runs as 10001:10001; folders of volumes are its own.
    RootUser = "root-user", Warning;

    /// A command written as a string holds shell syntax, but commands run without a shell.
    ///
    /// Write `[sh, -c, "first && second"]`, or split the work into services.
    ShellInCommand = "shell-in-command", Error, What;

    /// An environment changes what is baked into an image.
    ///
    /// An image is built once and runs in every environment. Let what differs arrive at run time, through `env`, `command` or `routing`.
    BakedDifference = "baked-difference", Error, What;

    /// The version of the package manager is stated neither in stack.yaml nor in package.json.
    ///
    /// Write `package_manager: pnpm@10.15.0`, or `"packageManager": "pnpm@10.15.0"` in package.json.
    MissingVersion = "missing-version", Error, Entry;

    /// Two places in the repository state different versions of the same tool.
    ///
    /// The tool that reads the other file will not do what stack.yaml says. Make both say the same.
    VersionMismatch = "version-mismatch", Warning, What;

    /// A file that the build needs and tools write is missing: a lockfile or a manifest.
    ///
    /// Without its lockfile a build installs other versions each time, so the recipes insist on it. Run the package manager and commit the file.
    MissingLockfile = "missing-lockfile", Warning, What;

    /// A package manager reads a file or folder that the image copies only after it has installed, or never.
    ///
    /// Packages are installed before the sources are copied, from the manifest and the lockfile. What else is read is listed beside the package manager:
    /// `manifests: [patches]`; the packages of a workspace under `workspace: {packages: […]}`.
    UnlistedManifest = "unlisted-manifest", Warning, What;

    /// Yarn from 2 on leaves packages in archives unless it is told otherwise, and a program that Node runs without yarn's help finds none of them.
    ///
    /// Write `nodeLinker: node-modules` into .yarnrc.yml.
    NoNodeModules = "no-node-modules", Warning;

    /// Two outputs would be written to one path, or two images pushed to one name.
    ///
    /// Give one of the services another `path` or `image`, or one of the environments another `file`.
    OutputConflict = "output-conflict", Error, What;

    /// A service's `path` lies outside its build context, where its Dockerfile could not be found.
    ///
    /// Move `path` into the context, or choose a larger `context`, such as `.`.
    PathOutsideContext = "path-outside-context", Error, What;

    /// A value cannot be written in the format that needs it, for instance a line break in a Dockerfile's `ENV`.
    ///
    /// Set it at run time, under the service's `env`, which may hold any text.
    UnrepresentableValue = "unrepresentable-value", Error, What;
}
