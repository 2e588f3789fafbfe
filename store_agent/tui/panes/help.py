from store_agent.tui.panes.pane import Pane
class HelpPane(Pane):
    pass
