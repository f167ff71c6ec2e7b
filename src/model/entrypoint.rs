//! Which images start with a script of their own, whether that is root at first, and what it then needs to be able to do.

use super::{Image, MountSource, Origin, Platform, Process, Program, Supervise, UNPRIVILEGED};
use crate::recipe::{Init, System, init_of, is_official};

/// The name of the script that an image starts with, beside its Dockerfile.
pub const ENTRYPOINT_FILE: &str = "entrypoint.sh";

/// What an image starts with where its program alone will not do.
pub enum Entrypoint<'p> {
    /// Several processes of the service that builds it.
    Supervise(&'p Supervise),
    /// The command, once its user owns the volumes.
    Volumes,
}

impl Program {
    /// What `image` starts with, if a script is made for it.
    pub fn entrypoint<'p>(&'p self, image: &Image) -> Option<Entrypoint<'p>> {
        if !image.is_generated() {
            return None;
        }
        let owner = image.owner.as_ref().and_then(|owner| self.base.services.get(owner));
        match owner.and_then(|owner| owner.supervise.as_ref()) {
            Some(supervise) => Some(Entrypoint::Supervise(supervise)),
            // The web server's own image starts as root and has an entrypoint of its own.
            None if owner.is_some_and(|owner| owner.serve.is_some()) => None,
            // Without a shell nothing could run it, and a volume of Fly's is refused; processes are, too.
            None if self.base.system(image) == System::Bare => None,
            // Root may write to its own volumes.
            None if self.base.user(image).0 == 0 => None,
            None => {
                (self.says_what_it_runs(image) && !self.handed_over(image).is_empty()).then_some(Entrypoint::Volumes)
            }
        }
    }

    /// Whether it is known what `image` runs: an entrypoint of ours takes the place of one that came with somebody else's image.
    fn says_what_it_runs(&self, image: &Image) -> bool {
        let strange = self.base.ground(image).is_none_or(|ground| !is_official(&ground));
        let language = self.base.standing(image).into_iter().any(|image| image.recipe().is_some());
        let mut runners = self.base.runners(&image.name);
        !strange || language || runners.all(|service| service.command.is_some() || service.entrypoint.is_some())
    }

    /// The small init that the script of `image` is started by: one of its packages, or the one of what it stands on.
    pub fn init(&self, image: &Image) -> Option<Init> {
        self.entrypoint(image)?;
        let installed = Init::ALL.into_iter().find(|init| self.base.has_package(image, init.program()));
        installed.or_else(|| init_of(&self.base.ground(image)?))
    }

    /// Whether the entrypoint of `image` starts as root, so that its Dockerfile names no other user.
    pub fn starts_as_root(&self, image: &Image) -> bool {
        match self.entrypoint(image) {
            None => false,
            Some(Entrypoint::Volumes) => true,
            Some(Entrypoint::Supervise(set)) => set.needs_root() || !self.handed_over(image).is_empty(),
        }
    }

    /// The user and group of what `image` runs and says no other for. Supervised processes are root's only where each says so.
    pub fn user(&self, image: &Image) -> (u32, u32) {
        let owner = image.owner.as_ref().and_then(|owner| self.base.services.get(owner));
        let supervised = owner.is_some_and(|owner| owner.supervise.is_some());
        let user = self.base.user(image);
        if supervised && user.0 == 0 { UNPRIVILEGED } else { user }
    }

    /// The folders that Fly mounts as root's own and the image's user is to have, as the image's own folder gives them to it under Compose. One
    /// that is itself a process's folder is given to that one's owner later.
    pub fn handed_over(&self, image: &Image) -> Vec<String> {
        let mut targets: Vec<String> = Vec::new();
        let fly = self.environments.iter().filter(|environment| matches!(environment.platform, Platform::Fly { .. }));
        for service in fly.flat_map(|environment| environment.stack.runners(&image.name)) {
            let dirs = || service.supervise.iter().flat_map(|set| &set.processes).flat_map(|process| &process.dirs);
            for mount in service.mounts.iter().filter(|mount| matches!(mount.source, MountSource::Volume(_))) {
                let target = mount.target.trim_end_matches('/');
                if !dirs().any(|(folder, _)| folder == target) && !targets.iter().any(|known| known == target) {
                    targets.push(target.to_owned());
                }
            }
        }
        if self.user(image).0 == 0 { Vec::new() } else { targets }
    }

    /// What must be possible in a container of `image`, where all else is taken from it.
    pub fn capabilities(&self, image: &Image) -> Vec<&'static str> {
        let root = self.starts_as_root(image);
        let set = match self.entrypoint(image) {
            Some(Entrypoint::Supervise(set)) => Some(set),
            Some(Entrypoint::Volumes) | None => None,
        };
        let any = |what: fn(&Process) -> bool| set.is_some_and(|set| set.processes.iter().any(what));
        let folders = any(|process| !process.dirs.is_empty());
        let firsts = any(|process| process.first_run.is_some());
        let all = [
            ("CHOWN", root && (folders || !self.handed_over(image).is_empty())),
            // Folders of others are looked into, and made below theirs.
            ("DAC_OVERRIDE", root && (folders || firsts)),
            // Init, and the script where it supervises, hand signals on to processes of other users.
            ("KILL", root),
            // Caddy's program carries it, and the kernel does not start what carries more than there may be.
            ("NET_BIND_SERVICE", set.is_some_and(|set| set.server().is_some())),
            ("SETGID", root),
            ("SETUID", root),
        ];
        all.into_iter().filter(|(_, needed)| *needed).map(|(name, _)| name).collect()
    }

    /// Whether nobody knows who runs in what `image` stands on.
    pub fn stands_on_a_stranger(&self, image: &Image) -> bool {
        match &image.from {
            Some(Origin::Image(name)) => !is_official(name),
            Some(Origin::Built(_)) => self.base.ground(image).is_none_or(|ground| !is_official(&ground)),
            None => false,
        }
    }
}
