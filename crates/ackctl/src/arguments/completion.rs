//! The arguments of `ackctl completion`.

use clap::Args;

use crate::completion::Shell;

#[derive(Debug, Args)]
pub(crate) struct CompletionArguments {
    /// The shell to complete in
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  bash, in ~/.bashrc:                        source <(ackctl completion bash)
  zsh, in ~/.zshrc behind compinit:          source <(ackctl completion zsh)
  fish, in ~/.config/fish/config.fish:       ackctl completion fish | source
  PowerShell, in the file that $PROFILE names:
                                             ackctl completion powershell | Out-String | Invoke-Expression";
