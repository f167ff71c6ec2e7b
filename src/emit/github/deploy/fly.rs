//! A deployment on Fly: one job where there is one app; else one that looks whether all is there, one for each app, beside each other where none
//! needs another, and one that brings all back where one fails.

use super::changes::{self, Compared};
use super::{Deployment, MINUTES, lines};
use crate::artifact::yaml::Mapping;
use crate::emit::apps;
use crate::emit::github::job::{Job, Step, checkout, run, uses};
use crate::emit::image::{beside, sources};
use crate::model::{App, Environment, MountSource, Platform};

/// The jobs.
pub fn jobs(deployment: &Deployment<'_>) -> Vec<Job> {
    let fly = OnFly { deployment, apps: apps::in_order(deployment.environment) };
    let mut jobs: Vec<Job> = Vec::new();
    if deployment.deploy.paths {
        let compared: Vec<Compared> = fly.apps.iter().map(|app| fly.compared(app)).collect();
        jobs.push(changes::job(deployment, &compared, fly.deploying()));
    }
    if fly.alone() {
        jobs.push(fly.only());
        return jobs;
    }
    jobs.push(fly.prepare());
    jobs.extend(fly.apps.iter().map(|app| fly.app(app)));
    jobs.extend(fly.after());
    jobs.extend(deployment.deploy.rollback.then(|| fly.rollback()));
    jobs
}

struct OnFly<'a> {
    deployment: &'a Deployment<'a>,
    apps: Vec<App<'a>>,
}

impl OnFly<'_> {
    fn environment(&self) -> &Environment {
        self.deployment.environment
    }

    fn id(&self, app: &App<'_>) -> String {
        format!("deploy-{}_{}", self.deployment.name(), app.name)
    }

    /// Whether one job does it all. What lines do is not for one app alone.
    fn alone(&self) -> bool {
        let deploy = self.deployment.deploy;
        self.apps.len() == 1 && !(deploy.paths && deploy.lines().next().is_some())
    }

    fn title(&self, app: &App<'_>) -> String {
        format!("Deploy {} to {}", app.name, self.deployment.name())
    }

    /// The names of the jobs that deploy, and of the one that looks at it afterwards.
    fn deploying(&self) -> Vec<String> {
        if self.alone() {
            return vec![self.deployment.title("Deploy")];
        }
        let after = (!self.deployment.deploy.after.is_empty()).then(|| self.deployment.title("After"));
        self.apps.iter().map(|app| self.title(app)).chain(after).collect()
    }

    /// What the app is made from.
    fn compared(&self, app: &App<'_>) -> Compared {
        let Platform::Fly { file, .. } = &self.environment().platform else { unreachable!("an app is on Fly") };
        let program = self.deployment.program;
        let image = self.environment().stack.image_of(app.first());
        let made = image.map(|image| sources(program, program.base.images.get(&image.name).unwrap_or(image)));
        let mut paths = made.unwrap_or_default();
        let mounts = app.services.iter().flat_map(|service| &service.mounts);
        let files =
            mounts.filter_map(|mount| if let MountSource::File(file) = &mount.source { Some(file) } else { None });
        for file in files {
            if !paths.contains(file) {
                paths.push(file.clone());
            }
        }
        paths.push(beside(app.first(), file));
        Compared { key: app.name.to_owned(), paths }
    }

    fn changed(&self, key: &str) -> Option<String> {
        let id = changes::id(self.deployment);
        self.deployment.deploy.paths.then(|| format!("needs.{id}.outputs.{key} == 'true'"))
    }

    /// The jobs before the first one that deploys.
    fn before(&self) -> Vec<String> {
        let changes = self.deployment.deploy.paths.then(|| changes::id(self.deployment));
        self.deployment.gate.needs.iter().cloned().chain(changes).collect()
    }

    /// A job with the program that deploys.
    fn set_up(&self, job: Job) -> Job {
        job.step(uses(self.deployment.program, "Set up flyctl", "superfly/flyctl-actions/setup-flyctl"))
    }

    /// The token, and the values that are handed over to these apps.
    fn values(&self, apps: &[App<'_>]) -> Mapping {
        let mut values = self.token();
        let mut seen: Vec<String> = Vec::new();
        for app in apps {
            let secrets = apps::secrets(self.deployment.program, self.environment(), app);
            let mut names: Vec<String> =
                secrets.iter().flat_map(|secret| apps::of(&secret.value).map(str::to_owned)).collect();
            names.extend(apps::build_secrets(self.environment(), app).iter().map(|name| (*name).to_owned()));
            // GitHub keeps no secret whose name begins so, and its own token is of no use after the run.
            for name in names.into_iter().filter(|name| !name.starts_with("GITHUB_")) {
                if !seen.contains(&name) {
                    values.push(name.clone(), format!("${{{{ secrets.{name} }}}}"));
                    seen.push(name);
                }
            }
        }
        values
    }

    fn token(&self) -> Mapping {
        Mapping::new().entry("FLY_API_TOKEN", format!("${{{{ secrets.{} }}}}", self.deployment.deploy.access.fly_token))
    }

    fn check(&self) -> Step {
        let command = format!("{} check", self.deployment.script());
        run("Look whether all is there", command).env(self.values(&self.apps))
    }

    fn lines_before(&self) -> Option<Step> {
        let script = lines(&self.deployment.deploy.before)?;
        Some(run("Before the deployment", script).env(self.deployment.variables().into_iter().collect()))
    }

    fn lines_after(&self) -> Option<Step> {
        let script = lines(&self.deployment.deploy.after)?;
        Some(run("After the deployment", script).env(self.deployment.variables().into_iter().collect()))
    }

    fn remember(&self, apps: &str) -> Step {
        let script = format!(
            "{{\n  echo 'images<<END'\n  {} images{apps}\n  echo END\n}} >> \"$GITHUB_OUTPUT\"\n",
            self.deployment.script()
        );
        run("Remember what runs", script).id("before").env(self.token())
    }

    fn up(&self, apps: &str, of: &[App<'_>]) -> Step {
        let command = format!("{} up{}{apps}", self.deployment.script(), self.deployment.options());
        run("Deploy", command).id("deploy").env(self.values(of))
    }

    /// The only job.
    fn only(&self) -> Job {
        let (deployment, deploy) = (self.deployment, self.deployment.deploy);
        let app = &self.apps[0];
        let job = deployment.job("deploy", "Deploy", MINUTES).needs(self.before());
        let job = match deployment.condition(self.changed(app.name)) {
            Some(condition) => job.only_if(condition, None),
            None => job,
        };
        let job = job.within(deployment.name(), self.url(app));
        let job = self.set_up(deployment.first(job));
        let job = job.steps((!deploy.before.is_empty()).then(|| self.check())).steps(self.lines_before());
        let back = deploy.rollback && !deploy.after.is_empty();
        let job = job.steps(back.then(|| self.remember(""))).step(self.up("", &self.apps)).steps(self.lines_after());
        // Where the deployment itself fails, the script has gone back already.
        let step = || {
            let env = self.token().entry("IMAGES", "${{ steps.before.outputs.images }}");
            run("Go back", format!("{} back", deployment.script()))
                .only_if("failure() && steps.deploy.outcome == 'success'")
                .env(env)
        };
        job.steps(back.then(step))
    }

    fn prepare_id(&self) -> String {
        format!("prepare-{}", self.deployment.name())
    }

    fn prepare(&self) -> Job {
        let deployment = self.deployment;
        let job = deployment.job("prepare", "Prepare", MINUTES).needs(self.before());
        // Lines are not for one app, so they run whatever changed.
        let any = self.changed(changes::ANY).filter(|_| deployment.deploy.lines().next().is_none());
        let job = match deployment.condition(any) {
            Some(condition) => job.only_if(condition, None),
            None => job,
        };
        let job = self.set_up(deployment.first(job.within(deployment.name(), None)));
        job.step(self.check()).steps(self.lines_before())
    }

    fn app(&self, app: &App<'_>) -> Job {
        let deployment = self.deployment;
        let earlier = self.apps.iter().take_while(|other| other.name != app.name);
        let needed = earlier.filter(|other| apps::needs(self.environment(), app, other)).map(|other| self.id(other));
        let changes = deployment.deploy.paths.then(|| changes::id(deployment));
        let needs = std::iter::once(self.prepare_id()).chain(changes).chain(needed);
        let job = Job::new(self.id(app), self.title(app), MINUTES).needs(needs);
        let ready = format!("needs.{}.result == 'success'", self.prepare_id());
        let all: Vec<String> =
            ["!failure() && !cancelled()".to_owned(), ready].into_iter().chain(self.changed(app.name)).collect();
        let job = job.only_if(all.join(" && "), None).within(deployment.name(), self.url(app)).reads();
        let rollback = deployment.deploy.rollback;
        let job = if rollback { job.output("images", "steps.before.outputs.images") } else { job };
        let job = self.set_up(job.step(checkout(deployment.program)));
        let name = format!(" {}", app.name);
        job.steps(rollback.then(|| self.remember(&name))).step(self.up(&name, std::slice::from_ref(app)))
    }

    /// Where the app is seen, if the outside sees it.
    fn url(&self, app: &App<'_>) -> Option<String> {
        apps::public_url(self.deployment.environment, app)
    }

    fn after(&self) -> Option<Job> {
        let deployment = self.deployment;
        let step = self.lines_after()?;
        let needs = std::iter::once(self.prepare_id()).chain(self.apps.iter().map(|app| self.id(app)));
        let condition = format!("!failure() && !cancelled() && needs.{}.result == 'success'", self.prepare_id());
        let job = deployment.job("after", "After", MINUTES).needs(needs).only_if(condition, None);
        let job = job.within(deployment.name(), None).reads();
        Some(self.set_up(job.step(checkout(deployment.program))).step(step))
    }

    /// Brings back what this run deployed.
    fn rollback(&self) -> Job {
        let deployment = self.deployment;
        let after = (!deployment.deploy.after.is_empty()).then(|| format!("after-{}", deployment.name()));
        let needs = self.apps.iter().map(|app| self.id(app)).chain(after);
        let failed = "always() && (contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled'))";
        let why = "A job that failed has brought its own app back; the others are brought back here.";
        let job = deployment.job("rollback", super::ROLL_BACK, MINUTES).needs(needs).only_if(failed, Some(why));
        let job = self.set_up(job.within(deployment.name(), None).reads().step(checkout(deployment.program)));
        // The last one deployed is the first to go back.
        let lines = self.apps.iter().rev().map(|app| {
            let id = self.id(app);
            format!("${{{{ needs.{id}.result }}}} {} ${{{{ needs.{id}.outputs.images }}}}\n", app.name)
        });
        let env = self.token().entry("DEPLOYED", lines.collect::<String>());
        job.step(run("Go back", BACK.replace("SCRIPT", &deployment.script())).env(env))
    }
}

/// GitHub hands over no output that holds the value of a secret.
const BACK: &str = r#"IMAGES=
lost=
while read -r result name app image; do
  if [[ -n $app && $result != failure ]]; then
    IMAGES+="$app $image"$'\n'
  elif [[ $result == success ]]; then
    lost+=" $name"
  fi
done <<< "$DEPLOYED"
[[ -z $IMAGES ]] || IMAGES=$IMAGES SCRIPT back
if [[ -n $lost ]]; then
  echo "::error::what ran before is not known, so this has to go back by hand:$lost (GitHub keeps back an output that holds a secret's value)"
  exit 1
fi
"#;
